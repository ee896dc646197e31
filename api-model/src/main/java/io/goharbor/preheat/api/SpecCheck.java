package io.goharbor.preheat.api;

import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Holds a spec to the patterns of its own schema. The API server has done so when the object was
 * written; what was written under an older schema it still gives out as it was.
 */
public final class SpecCheck {
  /** What the schema says about a text. */
  private record Rule(java.util.regex.Pattern pattern, int longest) {
    static @Nullable Rule of(AnnotatedElement annotated) {
      Pattern pattern = annotated.getAnnotation(Pattern.class);
      Size size = annotated.getAnnotation(Size.class);
      return pattern == null
          ? null
          : new Rule(
              java.util.regex.Pattern.compile(pattern.value()),
              size == null ? Integer.MAX_VALUE : (int) Math.min(size.max(), Integer.MAX_VALUE));
    }

    void check(String field, String text) {
      if (text.length() > longest || !pattern.matcher(text).matches()) {
        throw new InvalidSpecException(
            field
                + ": "
                + Grammar.shown(text)
                + " cannot be used; "
                + Grammar.cure(pattern.pattern()));
      }
    }
  }

  /**
   * A component of a record.
   *
   * @param rule of a text
   * @param each of the texts of a list
   */
  private record Part(String name, Method accessor, @Nullable Rule rule, @Nullable Rule each) {
    static Part of(RecordComponent component) {
      AnnotatedType type = component.getAnnotatedType();
      return new Part(
          component.getName(),
          component.getAccessor(),
          Rule.of(component.getAccessor()),
          type instanceof AnnotatedParameterizedType list
              ? Rule.of(list.getAnnotatedActualTypeArguments()[0])
              : null);
    }

    @Nullable Object of(Record holder) {
      try {
        return accessor.invoke(holder);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static final ClassValue<List<Part>> PARTS =
      new ClassValue<>() {
        @Override
        protected List<Part> computeValue(Class<?> type) {
          return Arrays.stream(type.getRecordComponents()).map(Part::of).toList();
        }
      };

  private SpecCheck() {}

  /**
   * Looks at all texts of a spec.
   *
   * @throws InvalidSpecException for the first that cannot be used; the message names its field
   */
  public static void check(Record spec) {
    check("spec", spec);
  }

  /** What is wrong with the first text that cannot be used. */
  public static Optional<String> fault(Record spec) {
    try {
      check(spec);
      return Optional.empty();
    } catch (InvalidSpecException e) {
      return Optional.of(e.describe());
    }
  }

  private static void check(String path, Record holder) {
    for (Part part : PARTS.get(holder.getClass())) {
      check(path + "." + part.name(), part.of(holder), part.rule(), part.each());
    }
  }

  private static void check(
      String path, @Nullable Object value, @Nullable Rule rule, @Nullable Rule each) {
    switch (value) {
      case String text when rule != null -> rule.check(path, text);
      case Record inner -> check(path, inner);
      case List<?> list -> {
        for (int i = 0; i < list.size(); i++) {
          check(path + "[" + i + "]", list.get(i), each, null);
        }
      }
      case null, default -> {}
    }
  }
}
