package io.goharbor.preheat.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Charges for what is made of JSON as it is made, and makes equal short texts one: a list repeats
 * names and hosts in every item. What is skipped costs nothing.
 */
final class MeteredParser extends JsonParserDelegate {
  // On a 64-bit JVM with compressed pointers: a JSON object is a node with a map, its table and its
  // first entry, an array a node with a list of ten.
  private static final int OBJECT = 200;
  private static final int RECORD = 64;
  private static final int ARRAY = 104;
  private static final int NAME = 40;
  private static final int SCALAR = 24;
  private static final int TEXT = 56;
  private static final int ENTRY = 64;
  private static final int SHORT = 256;

  /** What is made of the JSON. */
  enum Into {
    /** Nodes, of everything. */
    NODES,
    /** Records, of what they have fields for. */
    RECORDS
  }

  private final AnswerBudget.Charge charge;
  private final Into into;
  private final Map<String, String> known = new HashMap<>();

  MeteredParser(JsonParser parser, AnswerBudget.Charge charge, Into into) {
    super(parser);
    this.charge = charge;
    this.into = into;
  }

  @Override
  public @Nullable JsonToken nextToken() throws IOException {
    JsonToken token = delegate.nextToken();
    if (token != null) {
      boolean nodes = into == Into.NODES;
      charge.add(
          switch (token) {
            case START_OBJECT -> nodes ? OBJECT : RECORD;
            case START_ARRAY -> ARRAY;
            case FIELD_NAME -> nodes ? NAME : 0;
            case END_OBJECT, END_ARRAY, NOT_AVAILABLE -> 0;
            default -> nodes ? SCALAR : 0;
          });
    }
    return token;
  }

  @Override
  public @Nullable String currentName() throws IOException {
    String name = delegate.currentName();
    return into == Into.NODES ? one(name) : name;
  }

  @Override
  public @Nullable String getText() throws IOException {
    if (delegate.currentToken() == JsonToken.VALUE_STRING) {
      // The parser has the text in its buffer by then; this is for the copy that is kept.
      int length = delegate.getTextLength();
      if (length > SHORT) {
        charge.add(TEXT + 2L * length);
        return delegate.getText();
      }
    }
    return one(delegate.getText());
  }

  private @Nullable String one(@Nullable String text) throws IOException {
    if (text == null || text.length() > SHORT) {
      return text;
    }
    String before = known.get(text);
    if (before != null) {
      return before;
    }
    charge.add(TEXT + ENTRY + 2L * text.length());
    known.put(text, text);
    return text;
  }
}
