package io.goharbor.preheat.kube;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Reads a text that was read lately as the same object again. Objects of the API say the same over
 * and over, such as digests in spec and status and one message in five conditions: with thousands
 * in the caches, copies of texts are most of the heap.
 */
public final class SharedStrings extends StdScalarDeserializer<String> {
  private static final long serialVersionUID = 1L;

  /** A power of two. What does not fit takes the place of another: a copy more does no harm. */
  private static final int PLACES = 16 * 1024;

  private static final int LONGEST = 256;

  private final transient AtomicReferenceArray<String> known = new AtomicReferenceArray<>(PLACES);

  private SharedStrings() {
    super(String.class);
  }

  /** For an object mapper; all texts that it reads share one table. */
  public static SimpleModule module() {
    return new SimpleModule("shared strings").addDeserializer(String.class, new SharedStrings());
  }

  @Override
  public String deserialize(JsonParser parser, DeserializationContext context) throws IOException {
    if (parser.hasToken(JsonToken.VALUE_STRING)) {
      return shared(parser.getText());
    }
    String text = parser.getValueAsString();
    return text != null
        ? shared(text)
        : (String) context.handleUnexpectedToken(String.class, parser);
  }

  /** The text, as an object that others may have too. */
  String shared(String text) {
    if (text.length() > LONGEST) {
      return text;
    }
    int hash = text.hashCode();
    int place = (hash ^ (hash >>> 16)) & (PLACES - 1);
    String there = known.get(place);
    if (text.equals(there)) {
      return there;
    }
    known.set(place, text);
    return text;
  }
}
