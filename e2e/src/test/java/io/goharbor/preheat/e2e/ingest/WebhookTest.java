package io.goharbor.preheat.e2e.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.goharbor.preheat.api.HarborRegistry;
import io.goharbor.preheat.api.HarborRegistrySpec;
import io.goharbor.preheat.api.PreheatExecutionSpec.ArtifactRef;
import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.api.SecretKeyRef;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.world.OperatorProcess;
import io.goharbor.preheat.e2e.world.World;
import io.goharbor.preheat.kube.Conditions;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
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
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
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
  void a_quota_is_answered_in_its_words_and_told_of_the_policy_until_it_is_raised()
      throws IOException {
    KUBE.refuse((asked, name, body) ->
        asked.verb().equals("create") && asked.resource().equals("preheatexecutions")
            ? EmbeddedKube.Refusal.quota("preheatexecutions.preheat.goharbor.io \"shop-1\"")
            : null);
    try {
      Seen seen = post(push("quota", 1));
      assertThat(seen.code()).as(seen.body()).isEqualTo(422);
      assertThat(seen.body()).contains("exceeded quota: few");
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() ->
              assertThat(denied())
                  .hasValueSatisfying(condition -> {
                    assertThat(condition.getStatus()).isEqualTo("True");
                    assertThat(condition.getReason()).isEqualTo("ExecutionDenied");
                    assertThat(condition.getMessage()).contains("exceeded quota: few");
                  }));
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() ->
              assertThat(world.client().v1().events().inNamespace("default").list().getItems())
                  .filteredOn(event -> "ExecutionDenied".equals(event.getReason()))
                  .singleElement()
                  .satisfies(event -> {
                    assertThat(event.getInvolvedObject().getName()).isEqualTo("shop");
                    assertThat(event.getMessage()).contains("exceeded quota: few");
                  }));
    } finally {
      KUBE.refuse((asked, name, body) -> null);
    }
    assertThat(post(push("quota", 1)).code()).isEqualTo(202);
    assertThat(artifacts("quota")).hasSize(1);
    await().atMost(Duration.ofSeconds(30)).until(() -> denied().isEmpty());
  }

  private static Optional<Condition> denied() {
    PreheatPolicy policy =
        world
            .client()
            .resources(PreheatPolicy.class)
            .inNamespace("default")
            .withName("shop")
            .require();
    return Conditions.find(policy.getStatus().conditions(), "ExecutionsDenied");
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

  @Test
  void from_its_first_moment_it_answers_that_it_starts_and_then_stores() throws Exception {
    world.operator().kill();
    world.operator().start();
    List<Seen> seen = new ArrayList<>();
    Instant until = Instant.now().plusSeconds(60);
    while (seen.isEmpty() || seen.getLast().code() != 202) {
      assertThat(Instant.now()).isBefore(until);
      try {
        seen.add(post(push("early", seen.size())));
      } catch (ConnectException e) {
        // Not yet a process that listens.
      }
    }
    assertThat(seen.getLast().body()).contains("executions");
    assertThat(seen.subList(0, seen.size() - 1))
        .isNotEmpty()
        .allSatisfy(early -> {
          assertThat(early.code()).isEqualTo(503);
          assertThat(early.millis()).isLessThan(3000);
        });
    assertThat(artifacts("early")).hasSize(1);
  }

  @Test
  void after_a_restart_a_redelivery_finds_its_execution_however_it_is_grouped() throws Exception {
    List<Callable<Seen>> pushes =
        IntStream.range(0, 20)
            .<Callable<Seen>>mapToObj(i -> () -> post(push("restart", i)))
            .toList();
    assertThat(together(pushes)).allSatisfy(seen -> assertThat(seen.code()).isEqualTo(202));
    world.operator().kill();
    world.startOperator();
    long before = created();
    assertThat(post(push("restart", 7)).code()).isEqualTo(202);
    assertThat(together(pushes.subList(3, 15)))
        .allSatisfy(seen -> assertThat(seen.code()).isEqualTo(202));
    assertThat(created()).isEqualTo(before);
    assertThat(artifacts("restart")).hasSize(20).doesNotHaveDuplicates();
  }

  @Test
  void a_replica_that_does_not_lead_serves_over_tls_and_knows_what_another_stored(
      @TempDir Path scratch) throws Exception {
    // After a kill its successor waits until the lease has run out.
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> lastTold("This replica leads") > lastTold("Main Configuration"));
    HeldCertificate authority = new HeldCertificate.Builder().certificateAuthority(0).build();
    HeldCertificate shown =
        new HeldCertificate.Builder()
            .addSubjectAlternativeName("127.0.0.1")
            .signedBy(authority)
            .rsa2048()
            .build();
    Path certificate = Files.writeString(scratch.resolve("tls.crt"), shown.certificatePem());
    // As cert-manager writes it.
    Path key = Files.writeString(scratch.resolve("tls.key"), shown.privateKeyPkcs1Pem());
    HandshakeCertificates trust =
        new HandshakeCertificates.Builder().addTrustedCertificate(authority.certificate()).build();
    OkHttpClient secure =
        CLIENT
            .newBuilder()
            .sslSocketFactory(trust.sslSocketFactory(), trust.trustManager())
            .build();
    try (OperatorProcess second =
        new OperatorProcess(world.kubeconfig(), scratch.resolve("second.log"))
            .with("PREHEAT_WEBHOOK_TLS_CERT_FILE", certificate.toString())
            .with("PREHEAT_WEBHOOK_TLS_KEY_FILE", key.toString())) {
      second.start();
      second.awaitReady(Duration.ofSeconds(60));
      String url = second.webhookUrl() + "/hooks/default/main";
      Seen first = post(push("replica", 1));
      long before = created();
      assertThat(post(secure, url, World.WEBHOOK_SECRET, push("replica", 1))).isEqualTo(first);
      assertThat(created()).isEqualTo(before);
      assertThat(post(secure, url, World.WEBHOOK_SECRET, push("replica", 2)).code()).isEqualTo(202);
      assertThat(artifacts("replica")).hasSize(2).doesNotHaveDuplicates();
      assertThat(second.output()).doesNotContain("This replica leads");
    } finally {
      secure.connectionPool().evictAll();
    }
  }

  @Test
  void who_has_no_secret_learns_nothing_and_a_secret_that_is_missing_is_told_as_503()
      throws IOException {
    String base = world.operator().webhookUrl() + "/hooks/default/";
    Seen wrong = post(CLIENT, base + "main", "Bearer wrong", push("x", 1));
    assertThat(wrong.code()).isEqualTo(401);
    assertThat(post(CLIENT, base + "nowhere", "Bearer wrong", push("x", 1))).isEqualTo(wrong);
    HarborRegistry main = world.registry().require();
    HarborRegistry bare = new HarborRegistry();
    bare.setMetadata(new ObjectMetaBuilder().withNamespace("default").withName("bare").build());
    bare.setSpec(
        new HarborRegistrySpec(
            main.getSpec().url(),
            null,
            main.getSpec().credentialsSecretRef(),
            null,
            null,
            new HarborRegistrySpec.Webhook(new SecretKeyRef("missing", "authorization"), null),
            null));
    world.client().resource(bare).create();
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> post(CLIENT, base + "bare", World.WEBHOOK_SECRET, push("x", 1)).code() == 503);
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

  private static int lastTold(String words) {
    return world.operator().output().lastIndexOf(words);
  }

  private static long created() {
    return KUBE.requests().getOrDefault("POST preheatexecutions", 0L);
  }

  private static List<String> artifacts(String tag) {
    return world.executions().stream()
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
    return post(
        CLIENT, world.operator().webhookUrl() + "/hooks/default/main", World.WEBHOOK_SECRET, body);
  }

  private static Seen post(OkHttpClient client, String url, String authorization, String body)
      throws IOException {
    long start = System.nanoTime();
    Request request =
        new Request.Builder()
            .url(url)
            .header("Authorization", authorization)
            .post(RequestBody.create(body, MediaType.get("application/json")))
            .build();
    try (Response response = client.newCall(request).execute()) {
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
