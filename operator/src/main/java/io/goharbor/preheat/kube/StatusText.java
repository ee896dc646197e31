package io.goharbor.preheat.kube;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.goharbor.preheat.api.DisplayText;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes every text of a status fit to be written and shown, wherever it stands: statuses are
 * records, and what a record, a list or a condition holds is checked. Secrets are taken out of what
 * is meant for people; names, which others find things by, only lose characters that are never in a
 * name.
 */
final class StatusText {
  private static final int LONGEST_MESSAGE = 1024;
  private static final Set<String> FOR_PEOPLE = Set.of("message", "version");

  /** How a kind of record is taken apart and put together. */
  private record Shape(RecordComponent[] components, Constructor<?> constructor) {
    static Shape of(Class<?> type) {
      RecordComponent[] components = type.getRecordComponents();
      Class<?>[] types =
          Stream.of(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      try {
        return new Shape(components, type.getDeclaredConstructor(types));
      } catch (NoSuchMethodException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static final ClassValue<Shape> SHAPES =
      new ClassValue<>() {
        @Override
        protected Shape computeValue(Class<?> type) {
          return Shape.of(type);
        }
      };

  private final UnaryOperator<String> redaction;

  /** Takes secrets out with the given function. */
  StatusText(UnaryOperator<String> redaction) {
    this.redaction = redaction;
  }

  /** The same status if nothing in it had to be changed. */
  @SuppressWarnings("unchecked") // A record is made again of its own type.
  <S extends Record> S clean(S status) {
    return (S) clean(status, "");
  }

  private Object clean(Object value, String name) {
    return switch (value) {
      case String text ->
          FOR_PEOPLE.contains(name)
              ? DisplayText.of(redaction.apply(text), LONGEST_MESSAGE)
              : DisplayText.of(text);
      case Condition condition -> condition(condition);
      case List<?> list -> list(list, name);
      case Record part -> part(part);
      default -> value;
    };
  }

  private Condition condition(Condition condition) {
    String message = condition.getMessage();
    String clean = message == null ? null : (String) clean(message, "message");
    return Objects.equals(message, clean)
        ? condition
        : new ConditionBuilder(condition).withMessage(clean).build();
  }

  // What did not change is the same object.
  @SuppressWarnings("ReferenceEquality")
  private List<?> list(List<?> list, String name) {
    List<Object> clean = new ArrayList<>(list.size());
    boolean changed = false;
    for (Object item : list) {
      Object after = clean(item, name);
      changed |= after != item;
      clean.add(after);
    }
    return changed ? List.copyOf(clean) : list;
  }

  // What did not change is the same object.
  @SuppressWarnings("ReferenceEquality")
  private Record part(Record part) {
    Shape shape = SHAPES.get(part.getClass());
    @Nullable Object[] values = new @Nullable Object[shape.components().length];
    boolean changed = false;
    try {
      for (int i = 0; i < values.length; i++) {
        Object before = shape.components()[i].getAccessor().invoke(part);
        values[i] = before == null ? null : clean(before, shape.components()[i].getName());
        changed |= values[i] != before;
      }
      return changed ? (Record) shape.constructor().newInstance(values) : part;
    } catch (InvocationTargetException | IllegalAccessException | InstantiationException e) {
      throw new IllegalStateException("a status cannot be taken apart", e);
    }
  }
}
