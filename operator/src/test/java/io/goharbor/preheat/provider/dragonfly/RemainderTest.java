package io.goharbor.preheat.provider.dragonfly;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.goharbor.preheat.api.Target;
import io.goharbor.preheat.api.Target.Scope;
import io.goharbor.preheat.harbor.ImageManifest;
import io.goharbor.preheat.harbor.PullAuthorization;
import io.goharbor.preheat.http.RemoteSystem;
import io.goharbor.preheat.provider.PreheatOrder;
import io.goharbor.preheat.provider.Remainder;
import io.goharbor.preheat.provider.Warmth;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What an ended job left undone, how it is sent, and how warm the rest makes the whole. */
class RemainderTest {
  private static final ImageManifest IMAGE =
      new ImageManifest(
          "https://h",
          "shop",
          "web",
          "sha256:m",
          "application/vnd.oci.image.manifest.v1+json",
          List.of(
              new ImageManifest.Blob("sha256:a", 10),
              new ImageManifest.Blob("sha256:b", 30),
              new ImageManifest.Blob("sha256:c", 60)));

  @Test
  void with_a_single_seed_peer_the_blobs_that_nobody_holds_are_left() {
    Warmth warmth =
        warmth(Scope.SINGLE_SEED_PEER, job("k/1", null, ok("a", "s1") + "," + ok("c", "s2"), ""));

    assertThat(warmth.percent()).isEqualTo(70);
    assertThat(warmth.remainder())
        .isEqualTo(
            new Remainder(List.of(new Remainder.Part("1", Set.of("sha256:b"), List.of(), 0))));
  }

  @Test
  void with_many_peers_the_failed_blobs_go_to_the_failed_peers_alone() {
    Warmth warmth =
        warmth(
            Scope.ALL_PEERS,
            job(
                "k/1",
                null,
                all("n1") + "," + all("n2"),
                bad("b", "n3") + "," + bad("c", "n3") + "," + bad("b", "n4")));

    assertThat(warmth.percent()).isEqualTo(50);
    assertThat(warmth.remainder())
        .isEqualTo(
            new Remainder(
                List.of(
                    new Remainder.Part(
                        "1", Set.of("sha256:b", "sha256:c"), List.of("ip-n3", "ip-n4"), 2))));
  }

  @Test
  void everything_held_leaves_nothing() {
    assertThat(warmth(Scope.ALL_PEERS, job("k", null, all("n1"), "")).remainder()).isNull();
  }

  @Test
  void a_peer_without_an_address_cannot_be_addressed() {
    Warmth warmth =
        warmth(
            Scope.ALL_PEERS, job("k", null, all("n1"), bad("b", "n3").replace("ip-n3", "unknown")));

    assertThat(warmth.remainder())
        .isEqualTo(
            new Remainder(List.of(new Remainder.Part("", Set.of("sha256:b"), List.of(), 0))));
  }

  @Test
  void the_rest_is_sent_as_files_to_the_peers_that_lack_it() throws IOException {
    JsonNode sent =
        sent(
            new Target(Scope.ALL_PEERS, null, 20, null),
            new Remainder.Part("1", Set.of("sha256:c", "sha256:b"), List.of("10.0.0.3"), 7));

    assertThat(sent.path("bio").asText()).isEqualTo("o/1 warm-peers=7");
    assertThat(sent.at("/args/type").asText()).isEqualTo("file");
    assertThat(sent.at("/args/url").isMissingNode()).isTrue();
    assertThat(sent.at("/args/urls/0").asText()).isEqualTo("https://h/v2/shop/web/blobs/sha256:b");
    assertThat(sent.at("/args/urls")).hasSize(2);
    assertThat(sent.at("/args/ips/0").asText()).isEqualTo("10.0.0.3");
    assertThat(sent.at("/args/percentage").isMissingNode())
        .as("a share of peers is another one at each call")
        .isTrue();
    assertThat(sent.at("/args/headers/Authorization").asText()).isEqualTo("Bearer t");
  }

  @Test
  void a_rest_without_blobs_is_the_whole_image() throws IOException {
    JsonNode sent =
        sent(
            new Target(Scope.ALL_PEERS, 5, null, null),
            new Remainder.Part("1", Set.of(), List.of(), 0));

    assertThat(sent.at("/args/type").asText()).isEqualTo("image");
    assertThat(sent.at("/args/count").asInt()).isEqualTo(5);
    assertThat(sent.path("bio").asText()).isEqualTo("o/1");
  }

  @Test
  void the_rest_makes_the_whole_warm() {
    String urls = "'https://h/v2/shop/web/blobs/sha256:b'";

    Warmth done = warmth(Scope.ALL_PEERS, job("k/1 warm-peers=3", urls, ok("b", "n4"), ""));
    assertThat(done.percent()).isEqualTo(100);
    assertThat(done.peers()).isEqualTo(4);

    Warmth half =
        warmth(Scope.ALL_PEERS, job("k/1 warm-peers=2", urls, ok("b", "n4"), bad("b", "n5")));
    // Three of four peers hold b, all hold the rest: 70 + 30 * 3/4.
    assertThat(half.heldBytes()).isEqualTo(92);
    assertThat(half.remainder())
        .isEqualTo(
            new Remainder(
                List.of(new Remainder.Part("1", Set.of("sha256:b"), List.of("ip-n5"), 3))));

    assertThat(warmth(Scope.SINGLE_SEED_PEER, job("k", urls, ok("b", "s1"), "")).percent())
        .isEqualTo(100);
    assertThat(warmth(Scope.SINGLE_SEED_PEER, job("k", urls, "", "")).percent()).isEqualTo(70);
  }

  private static JsonNode sent(Target target, Remainder.Part rest) throws IOException {
    JobRequest request =
        JobRequest.preheat(
            order(target), Optional.of(1), rest, true, new PullAuthorization("Bearer t", null));
    return RemoteSystem.JSON.readTree(RemoteSystem.JSON.writeValueAsBytes(request));
  }

  private static Warmth warmth(Scope scope, String text) {
    Job job;
    try {
      job = RemoteSystem.JSON.readValue(text.replace('\'', '"'), Job.class);
    } catch (IOException e) {
      throw new IllegalArgumentException(e);
    }
    var seen =
        JobVerdict.of(
            order(new Target(scope, null, null, null)), List.of(JobVerdict.part(1, job, IMAGE)));
    assertThat(seen).isInstanceOf(io.goharbor.preheat.provider.Observation.Finished.class);
    return ((io.goharbor.preheat.provider.Observation.Finished) seen).warmth();
  }

  private static PreheatOrder order(Target target) {
    return new PreheatOrder(
        "o", IMAGE, null, null, target, Duration.ofHours(1), () -> PullAuthorization.ANONYMOUS);
  }

  private static String job(String bio, @Nullable String urls, String successes, String failures) {
    return ("{'id':1,'bio':'%s','state':'SUCCESS','args':{'urls':%s},'result':{'state':'SUCCESS',"
            + "'job_states':[{'error':'','results':[{'success_tasks':[%s],'failure_tasks':[%s]}]}]}}")
        .formatted(bio, urls == null ? "null" : "[" + urls + "]", successes, failures);
  }

  private static String all(String host) {
    return ok("a", host) + "," + ok("b", host) + "," + ok("c", host);
  }

  private static String ok(String blob, String host) {
    return "{'url':'https://h/v2/shop/web/blobs/sha256:%s','hostname':'%s','ip':'ip-%s'}"
        .formatted(blob, host, host);
  }

  private static String bad(String blob, String host) {
    return ("{'url':'https://h/v2/shop/web/blobs/sha256:%s','hostname':'%s','ip':'ip-%s',"
            + "'description':'disk full'}")
        .formatted(blob, host, host);
  }
}
