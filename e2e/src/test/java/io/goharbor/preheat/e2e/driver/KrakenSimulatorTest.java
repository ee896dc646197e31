package io.goharbor.preheat.e2e.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.goharbor.preheat.e2e.sim.Fault;
import io.goharbor.preheat.e2e.sim.kraken.KrakenSetup;
import io.goharbor.preheat.e2e.sim.kraken.KrakenVersion;
import io.goharbor.preheat.harbor.ImageManifest;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** That the simulator is as strict, and as odd, as Kraken. */
class KrakenSimulatorTest {
  private static final MediaType TYPE = MediaType.get("application/json");
  private final OkHttpClient client =
      new OkHttpClient.Builder().retryOnConnectionFailure(false).build();

  private Response call(String method, String url, String body) throws IOException {
    return client
        .newCall(
            new Request.Builder()
                .url(url)
                .method(method, method.equals("POST") ? RequestBody.create(body, TYPE) : null)
                .build())
        .execute();
  }

  private int notify(KrakenBench bench, String body) throws IOException {
    try (Response response =
        call("POST", bench.kraken.proxyUrl() + "/registry/notifications", body)) {
      return response.code();
    }
  }

  private static String event(ImageManifest image, String mediaType) {
    return "{'events':[{'action':'push','target':{'mediaType':'%s','digest':'%s','repository':'%s'}}]}"
        .formatted(mediaType, image.digest(), image.fullRepository())
        .replace('\'', '"');
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"events\":[]} | 200",
        "{} | 200",
        "null | 200",
        "{\"events\":null} | 200",
        "{\"Events\":[{\"Target\":{}}]} | 200",
        "{\"events\":[{\"timestamp\":\"2026-01-02T03:04:05.678Z\",\"target\":{}}]} | 200",
        "{\"events\":[{\"timestamp\":\"2026-01-02T03:04:05+02:00\",\"target\":{}}]} | 200",
        "{\"events\":[{\"timestamp\":\"yesterday\",\"target\":{}}]} | 500",
        "{\"events\":[{\"TimeStamp\":\"2026-01-02\",\"target\":{}}]} | 500",
        "{\"events\":[{\"timestamp\":17,\"target\":{}}]} | 500",
        "{\"events\":{}} | 500",
        "{\"events\":[{\"target\":{\"digest\":1}}]} | 500",
        "[] | 500",
        "not json | 500",
        "`` | 500",
      })
  void bodiesAreReadAsGoReadsThem(String body, int status) throws IOException {
    try (KrakenBench bench = new KrakenBench(UnaryOperator.identity())) {
      assertThat(notify(bench, body)).isEqualTo(status);
    }
  }

  @ParameterizedTest
  @CsvSource({"{\"events\":[{\"action\":\"push\"}]}", "{\"events\":[{\"target\":null}]}"})
  void anEventWithoutTargetCrashesTheHandler(String body) {
    try (KrakenBench bench = new KrakenBench(UnaryOperator.identity())) {
      assertThatThrownBy(() -> notify(bench, body)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void whatFailsIsAnswered200AllTheSame() throws IOException {
    try (KrakenBench bench = new KrakenBench(UnaryOperator.identity())) {
      ImageManifest elsewhere =
          new ImageManifest(
              "", "shop", "gone", "sha256:" + "1".repeat(64), TinyRegistry.OCI, List.of());

      assertThat(notify(bench, event(elsewhere, TinyRegistry.OCI))).isEqualTo(200);
      assertThat(bench.kraken.proxyErrors()).containsExactly("handle preheat: manifest not found");
    }
  }

  @Test
  void oldVersionsPassOverOciManifests() throws IOException {
    try (KrakenBench bench = new KrakenBench(KrakenSetup::old)) {
      ImageManifest image = bench.image("web", 1);

      assertThat(notify(bench, event(image, TinyRegistry.OCI))).isEqualTo(200);
      assertThat(bench.registry.server().log()).isEmpty();
      assertThat(notify(bench, event(image, TinyRegistry.DOCKER))).isEqualTo(200);
      assertThat(bench.kraken.proxyErrors())
          .containsExactly("handle preheat: parse manifest: unsupported media type");
    }
  }

  @Test
  void theOldestVersionTakesSeveralEventsForCopiesOfTheLast() throws IOException {
    for (KrakenVersion version : List.of(KrakenVersion.V0_1_4, KrakenVersion.V0_1_9)) {
      try (KrakenBench bench = new KrakenBench(setup -> setup.version(version))) {
        ImageManifest one = bench.registry.push("shop", "a", TinyRegistry.DOCKER, 1, 100);
        ImageManifest two = bench.registry.push("shop", "b", TinyRegistry.DOCKER, 2, 100);
        String both =
            event(one, TinyRegistry.DOCKER).replace("]}", ",")
                + event(two, TinyRegistry.DOCKER).replace("{\"events\":[", "");

        assertThat(notify(bench, both)).isEqualTo(200);

        bench.awaitWarm(two);
        assertThat(bench.kraken.downloads().containsKey(one.digest()))
            .isEqualTo(version != KrakenVersion.V0_1_4);
      }
    }
  }

  @Test
  void aBlobOfAnOriginThatLeavesTheRingGetsAnotherOwner() {
    try (KrakenBench bench = new KrakenBench(UnaryOperator.identity())) {
      String digest = "sha256:" + "7".repeat(64);
      List<Integer> before = bench.kraken.owners(digest);

      bench.kraken.member(before.getFirst(), false);
      assertThat(bench.kraken.owners(digest))
          .hasSize(2)
          .contains(before.getLast())
          .doesNotContain(before.getFirst());

      bench.kraken.member(before.getFirst(), true);
      assertThat(bench.kraken.owners(digest)).isEqualTo(before);
    }
  }

  @Test
  void aDownloadThatTakesLongerThanTheTimeoutFails() throws Exception {
    try (KrakenBench bench =
        new KrakenBench(setup -> setup.backendTimeout(Duration.ofMillis(20)))) {
      bench.kraken.downloadSpeed(1000);
      String digest = bench.image("web", 1).blobs().getLast().digest();
      String url = bench.kraken.originUrl() + "/namespace/shop%2Fweb/blobs/" + digest + "/prefetch";

      assertThat(statusOf(url)).isEqualTo(202);
      await().until(() -> statusOf(url) == 500);
    }
  }

  @Test
  void aFailedDownloadIsRememberedForAWhileOnly() throws Exception {
    try (KrakenBench bench = new KrakenBench(setup -> setup.errorMemory(Duration.ofMillis(200)))) {
      ImageManifest image = bench.image("web", 1);
      String digest = image.blobs().getLast().digest();
      bench.kraken.failDownload(digest, "broken pipe");
      String url = bench.kraken.originUrl() + "/namespace/shop%2Fweb/blobs/" + digest + "/prefetch";

      assertThat(statusOf(url)).isEqualTo(202);
      await().until(() -> statusOf(url) == 500);
      bench.kraken.healDownloads();
      await().until(() -> statusOf(url) == 202);
      await().until(() -> statusOf(url) == 200);
    }
  }

  @Test
  void aHeadWithoutLocalAsksTheRegistryInstead() throws IOException {
    try (KrakenBench bench = new KrakenBench(UnaryOperator.identity())) {
      ImageManifest image = bench.image("web", 1);
      String url =
          bench.kraken.originUrl()
              + "/internal/namespace/shop%2Fweb/blobs/"
              + image.blobs().getLast().digest();

      try (Response anywhere = call("HEAD", url, "");
          Response here = call("HEAD", url + "?local=true", "")) {
        assertThat(anywhere.code()).isEqualTo(200);
        assertThat(here.code()).isEqualTo(404);
      }
    }
  }

  @Test
  void contentThatIsNotWhatItsDigestSaysIsNotKept() throws Exception {
    try (KrakenBench bench = new KrakenBench(UnaryOperator.identity())) {
      ImageManifest image = bench.image("web", 1);
      String digest = image.blobs().getLast().digest();
      bench
          .registry
          .server()
          .faults()
          .always(ask -> ask.method().equals("GET"), Fault.status(200, "something else"));
      String url = bench.kraken.originUrl() + "/namespace/shop%2Fweb/blobs/" + digest + "/prefetch";

      assertThat(statusOf(url)).isEqualTo(202);
      await().until(() -> statusOf(url) == 500);
      assertThat(bench.kraken.warm(digest)).isFalse();
    }
  }

  private int statusOf(String url) throws IOException {
    try (Response response = call("POST", url, "")) {
      return response.code();
    }
  }
}
