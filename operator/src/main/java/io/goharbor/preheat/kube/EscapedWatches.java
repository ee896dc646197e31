package io.goharbor.preheat.kube;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.AsyncBody.Consumer;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Puts JSON's escapes in place of all in the events of watches that is not ASCII. Where no web
 * socket can be opened, fabric8's client (7.8.0, {@code WatchHTTPManager}) reads a plain stream and
 * takes the array behind the decoded characters, which is longer than they are as soon as one of
 * them has several bytes: the zeros at its end break the next event, and the operator ends. One
 * umlaut in anybody's annotation would do.
 */
public final class EscapedWatches implements Interceptor {
  @Override
  public Consumer<List<ByteBuffer>> consumer(
      Consumer<List<ByteBuffer>> consumer, HttpRequest request) {
    String query = request.uri().getRawQuery();
    return query != null && Arrays.asList(query.split("&", -1)).contains("watch=true")
        ? new Escaping(consumer)
        : consumer;
  }

  /** Keeps the beginning of a character until the rest of it comes. */
  private static final class Escaping implements Consumer<List<ByteBuffer>> {
    private final Consumer<List<ByteBuffer>> consumer;
    private byte[] begun = new byte[0];

    Escaping(Consumer<List<ByteBuffer>> consumer) {
      this.consumer = consumer;
    }

    @Override
    public void consume(List<ByteBuffer> buffers, AsyncBody body) throws Exception {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      all.writeBytes(begun);
      for (ByteBuffer buffer : buffers) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        all.writeBytes(bytes);
      }
      byte[] bytes = all.toByteArray();
      int whole = whole(bytes);
      begun = Arrays.copyOfRange(bytes, whole, bytes.length);
      String text = new String(bytes, 0, whole, StandardCharsets.UTF_8);
      consumer.consume(
          List.of(ByteBuffer.wrap(escaped(text).getBytes(StandardCharsets.US_ASCII))), body);
    }

    /** How many of the bytes are whole characters. */
    private static int whole(byte[] bytes) {
      int start = bytes.length;
      while (start > 0 && bytes.length - start < 4 && (bytes[start - 1] & 0xc0) == 0x80) {
        start--;
      }
      int first = start == 0 ? 0 : bytes[start - 1] & 0xff;
      int length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
      return bytes.length - start + 1 < length ? start - 1 : bytes.length;
    }

    private static String escaped(String text) {
      if (text.chars().allMatch(unit -> unit < 0x80)) {
        return text;
      }
      StringBuilder escaped = new StringBuilder(text.length() + 64);
      for (int i = 0; i < text.length(); i++) {
        char unit = text.charAt(i);
        if (unit < 0x80) {
          escaped.append(unit);
        } else {
          escaped.append("\\u%04x".formatted((int) unit));
        }
      }
      return escaped.toString();
    }

    @Override
    public <U> @Nullable U unwrap(Class<U> target) {
      return consumer.unwrap(target);
    }
  }
}
