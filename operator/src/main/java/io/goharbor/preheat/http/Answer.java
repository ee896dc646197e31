package io.goharbor.preheat.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import io.goharbor.preheat.api.DisplayText;
import io.goharbor.preheat.api.Reason;
import java.io.CharConversionException;
import java.io.IOException;
import okhttp3.Headers;
import org.jspecify.annotations.Nullable;

/**
 * A good answer while it is read. What is made of it is charged to {@link HttpLimits#answerMemory},
 * so a list is best read item by item, each made into what is needed of it.
 */
public final class Answer {
  /** Where the items of a list go. */
  @FunctionalInterface
  public interface Items<T> {
    /** Takes one. */
    void take(T item) throws RemoteCallException;
  }

  @FunctionalInterface
  private interface Reading<T> {
    @Nullable T read(JsonParser parser) throws IOException;
  }

  /** A text is in memory twice while it is read; none that matters is nearly as long. */
  private static final int LONGEST_TEXT = 256 * 1024;

  private static final int LONGEST_NAME = 1024;

  private final String to;
  private final int status;
  private final Headers headers;
  private final BoundedBody body;
  private final AnswerLimit limit;
  private final AnswerBudget.Charge charge;

  Answer(
      String to,
      int status,
      Headers headers,
      BoundedBody body,
      AnswerLimit limit,
      AnswerBudget.Charge charge) {
    this.to = to;
    this.status = status;
    this.headers = headers;
    this.body = body;
    this.limit = limit;
    this.charge = charge;
  }

  /** The headers. */
  public Headers headers() {
    return headers;
  }

  /** Bytes of the body that were read so far, unpacked. */
  public int bytes() {
    return body.bytes();
  }

  /** The body as JSON; a body that is none is an {@link Reason#UNEXPECTED_ANSWER}. */
  public JsonNode json() throws IOException {
    JsonNode json =
        parsed(MeteredParser.Into.NODES, parser -> RemoteSystem.JSON.<JsonNode>readTree(parser));
    if (json == null || json.isMissingNode()) {
      throw notJson();
    }
    return json;
  }

  /** The body as a value; a body that is none is an {@link Reason#UNEXPECTED_ANSWER}. */
  public <T> T value(Class<T> type) throws IOException {
    ObjectReader reader = RemoteSystem.JSON.readerFor(type);
    T value = parsed(MeteredParser.Into.RECORDS, parser -> reader.<T>readValue(parser));
    if (value == null) {
      throw notJson();
    }
    return value;
  }

  /**
   * Passes on each item of a list; Go writes an empty one as null.
   *
   * @return false when the body is JSON, and something else than a list
   */
  public boolean items(Items<JsonNode> items) throws IOException {
    return list(
        MeteredParser.Into.NODES, parser -> RemoteSystem.JSON.<JsonNode>readTree(parser), items);
  }

  /** The same with each item as a value; those that are null are left out. */
  public <T> boolean values(Class<T> type, Items<T> items) throws IOException {
    ObjectReader reader = RemoteSystem.JSON.readerFor(type);
    return list(MeteredParser.Into.RECORDS, parser -> reader.<T>readValue(parser), items);
  }

  private <T> boolean list(MeteredParser.Into into, Reading<T> reading, Items<T> items)
      throws IOException {
    return Boolean.TRUE.equals(
        parsed(
            into,
            parser -> {
              JsonToken first = parser.nextToken();
              if (first == JsonToken.VALUE_NULL) {
                return true;
              }
              if (first == null) {
                throw notJson();
              }
              if (first != JsonToken.START_ARRAY) {
                return false;
              }
              while (parser.nextToken() != JsonToken.END_ARRAY) {
                T item = reading.read(parser);
                if (item != null) {
                  items.take(item);
                }
              }
              return true;
            }));
  }

  private <T> @Nullable T parsed(MeteredParser.Into into, Reading<T> reading) throws IOException {
    JsonFactory json =
        JsonFactory.builder()
            // Tables of names outlive the answer, or at least are charged to no one.
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(limit.depth())
                    .maxTokenCount(limit.tokens())
                    .maxStringLength(Math.min(limit.bytes(), LONGEST_TEXT))
                    .maxNameLength(LONGEST_NAME)
                    .build())
            .build();
    try (JsonParser parser = new MeteredParser(json.createParser(body), charge, into)) {
      parser.setCodec(RemoteSystem.JSON);
      return reading.read(parser);
    } catch (JsonProcessingException unreadable) {
      // Without the parser's words: they quote the body.
      if (unreadable instanceof StreamConstraintsException
          || unreadable.getCause() instanceof StreamConstraintsException) {
        throw unexpected(
            FailureClass.PERMANENT,
            to + ": the answer has more, deeper or longer values than a " + limit.what() + " has");
      }
      throw notJson();
    } catch (CharConversionException unreadable) {
      throw notJson();
    }
  }

  private RemoteCallException notJson() {
    return unexpected(
        FailureClass.RETRY, to + ": the answer of status " + status + " is not JSON" + quote());
  }

  /** Broken JSON may hold a token or another secret; a proxy's or a login page does not. */
  private String quote() {
    String type = headers.get("Content-Type");
    if (body.bytes() == 0) {
      return " but empty";
    }
    if (type == null || type.contains("json")) {
      return " (" + body.bytes() + " bytes)";
    }
    String shown = Excerpt.shown(new Reply(to, status, headers, body.head()));
    return " but " + DisplayText.of(type, Excerpt.SHOWN) + (shown.isEmpty() ? "" : ": " + shown);
  }

  private RemoteCallException unexpected(FailureClass failureClass, String message) {
    return new RemoteCallException(
        failureClass, Reason.UNEXPECTED_ANSWER, status, message, null, true, null);
  }
}
