package io.goharbor.preheat.kube;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.StandardHttpRequest;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EscapedWatchesTest {
  private static final String TEXT = "a\u00e9 \u2026\u2028 \ud83d\udd11 \ufffd z";

  /** However the stream is cut, also within a character. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 7, 1000})
  void a_watch_is_ascii_and_says_the_same(int pieces) throws Exception {
    byte[] event = new ObjectMapper().writeValueAsBytes(TEXT);
    byte[] seen = passed("watch=true&resourceVersion=7", event, pieces);
    assertThat(new String(seen, StandardCharsets.UTF_8)).matches("\\p{ASCII}+");
    assertThat(new ObjectMapper().readValue(seen, String.class)).isEqualTo(TEXT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"limit=500", "x=watch=true"})
  void what_is_no_watch_is_left_as_it_is(String query) throws Exception {
    byte[] list = TEXT.getBytes(StandardCharsets.UTF_8);
    assertThat(passed(query, list, 4)).isEqualTo(list);
  }

  private static byte[] passed(String query, byte[] bytes, int pieces) throws Exception {
    ByteBuffer seen = ByteBuffer.allocate(10_000);
    AsyncBody.Consumer<List<ByteBuffer>> consumer =
        new EscapedWatches()
            .consumer(
                (buffers, body) -> buffers.forEach(seen::put),
                new StandardHttpRequest.Builder()
                    .uri(URI.create("http://kube/api?" + query))
                    .build());
    for (int from = 0; from < bytes.length; from += pieces) {
      byte[] piece = Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + pieces));
      consumer.consume(List.of(ByteBuffer.wrap(piece)), new Nobody());
    }
    return Arrays.copyOf(seen.array(), seen.position());
  }

  private static final class Nobody implements AsyncBody {
    @Override
    public void consume() {}

    @Override
    public CompletableFuture<Void> done() {
      return new CompletableFuture<>();
    }

    @Override
    public void cancel() {}
  }
}
