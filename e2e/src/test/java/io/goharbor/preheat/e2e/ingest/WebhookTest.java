package io.goharbor.preheat.e2e.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.goharbor.preheat.api.PreheatExecution;
import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.world.World;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The webhook of an operator in its own process, which stores through the Kubernetes API. */
class WebhookTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final EmbeddedKube KUBE = EmbeddedKube.start();
  private static final OkHttpClient CLIENT = new OkHttpClient();
  private static World world;

  @BeforeAll
  static void start(@TempDir Path scratch) throws Exception {
    world = new World(ROOT, scratch, KUBE);
    world.startOperator();
    world.apply("quickstart-dragonfly.yaml");
    // Kept long enough to be counted.
    world
        .client()
        .resources(PreheatPolicy.class)
        .inNamespace("default")
        .withName("shop")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"spec\":{\"successfulExecutionsHistoryLimit\":1000,"
                + "\"failedExecutionsHistoryLimit\":1000}}");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> post(push("probe", 0)).body().contains("executions"));
  }

  @AfterAll
  static void stop() {
    CLIENT.connectionPool().evictAll();
    world.close();
  }

  @Test
  void many_events_at_once_are_few_objects_that_hold_each_artifact_once() throws Exception {
    long before = created();
    List<Callable<Seen>> pushes =
        IntStream.range(0, 200).<Callable<Seen>>mapToObj(i -> () -> post(push("many", i))).toList();
    for (Seen seen : together(pushes)) {
      assertThat(seen.code()).as(seen.body()).isEqualTo(202);
    }
    assertThat(created() - before).isLessThan(60);
    assertThat(artifacts("many")).hasSize(200).doesNotHaveDuplicates();
  }

  @Test
  void a_redelivery_makes_no_second_object() throws IOException {
    Seen first = post(push("again", 1));
    long before = created();
    assertThat(post(push("again", 1))).isEqualTo(first);
    assertThat(created()).isEqualTo(before);
    assertThat(artifacts("again")).hasSize(1);
  }

  @Test
  void while_the_api_is_down_nothing_is_acknowledged_and_the_redelivery_is_stored()
      throws IOException {
    KUBE.available(false);
    try {
      Seen seen = post(push("down", 1));
      assertThat(seen.code()).isEqualTo(503);
      assertThat(seen.millis()).isLessThan(3000);
    } finally {
      KUBE.available(true);
    }
    assertThat(artifacts("down")).isEmpty();
    await().atMost(Duration.ofSeconds(30)).until(() -> post(push("down", 1)).code() == 202);
    assertThat(artifacts("down")).hasSize(1);
  }

  @Test
  void who_sends_slowly_is_cut_off_and_keeps_nobody_waiting() throws IOException {
    URI url = URI.create(world.operator().webhookUrl());
    String unfinished =
        "POST /hooks/default/main HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nAuthorization: "
            + World.WEBHOOK_SECRET;
    try (Socket head = new Socket(url.getHost(), url.getPort());
        Socket body = new Socket(url.getHost(), url.getPort())) {
      head.getOutputStream().write(unfinished.getBytes(StandardCharsets.US_ASCII));
      body.getOutputStream().write((unfinished + "\r\n\r\n{").getBytes(StandardCharsets.US_ASCII));
      assertThat(post(push("meanwhile", 1)).code()).isEqualTo(202);
      // A request has five seconds to arrive; the server looks once a second.
      head.setSoTimeout(9_000);
      body.setSoTimeout(9_000);
      assertThat(head.getInputStream().read()).isEqualTo(-1);
      assertThat(body.getInputStream().read()).isEqualTo(-1);
    }
  }

  /** An answer; two of them are equal when they say the same. */
  private record Seen(int code, String body, long millis) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Seen seen && seen.code == code && seen.body.equals(body);
    }

    @Override
    public int hashCode() {
      return Objects.hash(code, body);
    }
  }

  private static long created() {
    return KUBE.requests().getOrDefault("POST preheatexecutions", 0L);
  }

  private static List<String> artifacts(String tag) {
    return world
        .client()
        .resources(PreheatExecution.class)
        .inNamespace("default")
        .list()
        .getItems()
        .stream()
        .flatMap(execution -> {
          List<ArtifactRef> refs = execution.getSpec().artifacts();
          return refs == null ? java.util.stream.Stream.empty() : refs.stream();
        })
        .map(ref -> ref.tag() + "@" + ref.digest())
        .filter(name -> name.startsWith(tag + "-"))
        .toList();
  }

  private static String push(String tag, int number) {
    return """
    {"type":"PUSH_ARTIFACT","occur_at":1777709463,"operator":"ci","event_data":{
      "resources":[{"digest":"sha256:%064x","tag":"%s-%d"}],
      "repository":{"repo_full_name":"shop/web"}}}
    """
        .formatted(number, tag, number);
  }

  private static Seen post(String body) throws IOException {
    long start = System.nanoTime();
    Request request =
        new Request.Builder()
            .url(world.operator().webhookUrl() + "/hooks/default/main")
            .header("Authorization", World.WEBHOOK_SECRET)
            .post(RequestBody.create(body, MediaType.get("application/json")))
            .build();
    try (Response response = CLIENT.newCall(request).execute()) {
      return new Seen(
          response.code(),
          response.body().string(),
          Duration.ofNanos(System.nanoTime() - start).toMillis());
    }
  }

  private static List<Seen> together(List<Callable<Seen>> calls) throws Exception {
    List<Seen> seen = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Seen> one : threads.invokeAll(calls)) {
        seen.add(one.get());
      }
    }
    return seen;
  }
}
