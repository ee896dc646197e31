package io.goharbor.preheat.e2e.harbor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.Fault;
import io.goharbor.preheat.e2e.sim.SimServer;
import io.goharbor.preheat.harbor.HarborArtifact;
import io.goharbor.preheat.harbor.HarborClient;
import io.goharbor.preheat.harbor.WebhookPolicy;
import io.goharbor.preheat.http.ConnectionSettings;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.HttpClients;
import io.goharbor.preheat.http.RemoteCallException;
import io.goharbor.preheat.http.TlsSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What bites in Harbor's protocol: names, cookies, redirects, sizes, rates and errors. */
class HarborProtocolTest extends HarborBench {
  private static final WebhookPolicy HOOK =
      new WebhookPolicy(
          0, "w", "", true, Set.of("PUSH_ARTIFACT"), "http://127.0.0.1:9/", "x", false, "Default");

  /** A call of the client. */
  @FunctionalInterface
  interface Call {
    void on(HarborClient client) throws RemoteCallException;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          robot$preheat      | plain
          robot$shop+ci      | with:colon
          robot@preheat      | $ and %24 and +
          robot_prefix-other | pässwörd-€
          """)
  void account_names_and_secrets_arrive_as_they_are(String name, String secret) throws Exception {
    harbor.addRobot(name, secret);
    assertThat(client(new Credential.Basic(name, secret)).systemInfo().authenticated()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "web, 1.0, web/artifacts/1.0",
    "api/web, 1.0, api%252Fweb/artifacts/1.0",
    "a/b/c/d, v1_2-rc.3, a%252Fb%252Fc%252Fd/artifacts/v1_2-rc.3",
    "a.b/c__d-e, 1.0, a.b%252Fc__d-e/artifacts/1.0"
  })
  void a_repository_is_encoded_twice_where_it_has_slashes(
      String repository, String tag, String path) throws Exception {
    String digest = harbor.push("shop", repository, tag, LAYERS);
    HarborClient client = client();
    assertThat(client.artifact("shop", repository, tag, HarborArtifact.Detail.BASIC)).isPresent();
    assertThat(harbor.server().log())
        .extracting(Ask::rawPath)
        .containsExactly("/api/v2.0/projects/shop/repositories/" + path);
    assertThat(client.artifact("shop", repository, digest, HarborArtifact.Detail.BASIC))
        .isPresent();
    assertThat(
            list(
                client,
                "shop",
                new HarborClient.ArtifactQuery(
                    repository, null, true, HarborArtifact.Detail.BASIC)))
        .singleElement()
        .satisfies(artifact -> assertThat(artifact.repository()).isEqualTo(repository));
    assertThat(client.manifest("shop", repository, digest)).isPresent();
    assertThat(harbor.server().log(ask -> ask.rawPath().startsWith("/v2/")))
        .singleElement()
        .satisfies(ask ->
            assertThat(ask.rawPath()).isEqualTo("/v2/shop/" + repository + "/manifests/" + digest));
  }

  @Test
  void a_session_cookie_is_never_sent_back() throws Exception {
    String digest = harbor.push("shop", "web", "1.0", LAYERS);
    HarborClient client = client();
    for (int i = 0; i < 2; i++) {
      client.systemInfo();
      client.projects();
      client.manifest("shop", "web", digest);
      client.deleteWebhookPolicy("shop", client.createWebhookPolicy("shop", HOOK));
    }
    assertThat(harbor.server().log())
        .hasSizeGreaterThan(8)
        .allSatisfy(ask -> assertThat(ask.header("Cookie")).isEmpty());
  }

  static Stream<Arguments> redirects() {
    List<Arguments> rows = new ArrayList<>();
    for (int status : List.of(301, 302, 303, 307, 308)) {
      rows.add(Arguments.of(status, "read", (Call) HarborClient::systemInfo));
      rows.add(Arguments.of(status, "write", (Call) c -> c.createWebhookPolicy("shop", HOOK)));
      rows.add(Arguments.of(status, "token", (Call) c -> c.pullAuthorization("shop", "web")));
    }
    return rows.stream();
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("redirects")
  void a_redirect_is_told_and_not_followed_so_that_no_other_host_gets_the_credential(
      int status, String name, Call call) {
    try (SimServer other =
        new SimServer("other", Clock.systemUTC())
            .fallback(ask -> Answer.json(200, Map.of("token", "t")))
            .start()) {
      harbor
          .server()
          .faults()
          .always(
              ask -> true,
              new Fault.Reply(
                  Answer.text(status, "<html>moved</html>")
                      .with("Location", other.url() + "/c/login?token=hidden-value")));
      RemoteCallException failure = failure(() -> call.on(client()));
      assertThat(failure.failureClass()).isEqualTo(FailureClass.PERMANENT);
      assertThat(failure.reason()).isEqualTo(Reason.UNEXPECTED_ANSWER);
      assertThat(failure.describe())
          .contains("answered " + status + " to ")
          .endsWith(
              ": it redirects to "
                  + other.url()
                  + "/c/login, and redirects are not followed; set the URL to where the API itself"
                  + " answers");
      assertThat(other.log()).as(name).isEmpty();
    }
  }

  @Test
  void a_small_compressed_answer_is_read() throws Exception {
    byte[] json = "{\"harbor_version\":\"v2.14.4\"}".getBytes(StandardCharsets.UTF_8);
    answerAlways(compressed(out -> out.write(json)));
    assertThat(client().systemInfo().version()).isEqualTo("v2.14.4");
  }

  static Stream<Arguments> longAnswers() {
    return Stream.of(
        Arguments.of("page", 4194304, (Call) HarborClient::projects),
        Arguments.of("probe", 65536, (Call) HarborClient::systemInfo),
        Arguments.of("token", 65536, (Call) c -> c.pullAuthorization("shop", "web")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("longAnswers")
  void a_compressed_answer_that_is_longer_than_its_purpose_needs_is_cut_off(
      String name, int most, Call call) throws Exception {
    Random random = new Random(7);
    byte[] body =
        compressed(out -> {
          for (int i = 0; i < 400_000; i++) {
            out.write((" ".repeat(random.nextInt(60)) + "\n").getBytes(StandardCharsets.US_ASCII));
          }
        });
    answerAlways(body);
    RemoteCallException failure = failure(() -> call.on(client()));
    assertThat(failure.reason()).isEqualTo(Reason.UNEXPECTED_ANSWER);
    assertThat(failure.describe())
        .as(name)
        .isEqualTo(
            "Harbor default/main: the answer is longer than "
                + most
                + " bytes, the most for a "
                + name);
  }

  @Test
  void a_compressed_answer_that_unpacks_to_far_more_than_was_sent_is_cut_off() throws Exception {
    byte[] spaces = " ".repeat(1024 * 1024).getBytes(StandardCharsets.US_ASCII);
    answerAlways(compressed(out -> out.write(spaces)));
    RemoteCallException failure = failure(() -> client().projects());
    assertThat(failure.reason()).isEqualTo(Reason.UNEXPECTED_ANSWER);
    assertThat(failure.describe()).contains("unpacks to more than 100 times what was sent");
  }

  @Test
  void a_manifest_is_bounded_more_tightly() throws Exception {
    String digest = harbor.push("shop", "web", "1.0", LAYERS);
    harbor
        .server()
        .faults()
        .always(
            ask -> ask.rawPath().startsWith("/v2/"),
            new Fault.Reply(
                new Answer(
                    200,
                    Map.of(),
                    " ".repeat(9 * 1024 * 1024).getBytes(StandardCharsets.US_ASCII))));
    assertThat(failure(() -> client().manifest("shop", "web", digest)).describe())
        .contains("longer than 4194304 bytes, the most for a manifest");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          400 | PERMANENT | UNEXPECTED_ANSWER
          401 | PERMANENT | UNAUTHORIZED
          403 | PERMANENT | FORBIDDEN
          404 | PERMANENT | UNEXPECTED_ANSWER
          405 | PERMANENT | UNEXPECTED_ANSWER
          408 | RETRY     | UNREACHABLE
          409 | PERMANENT | UNEXPECTED_ANSWER
          412 | PERMANENT | PULL_DENIED
          413 | PERMANENT | UNEXPECTED_ANSWER
          422 | PERMANENT | UNEXPECTED_ANSWER
          429 | WAIT      | RATE_LIMITED
          500 | RETRY     | UNREACHABLE
          502 | RETRY     | UNREACHABLE
          503 | RETRY     | UNREACHABLE
          504 | RETRY     | UNREACHABLE
          """)
  void each_status_has_its_meaning_and_harbors_words(
      int status, FailureClass failureClass, Reason reason) {
    List<Map<String, String>> errors =
        List.of(
            Map.of("code", "FIRST", "message", "one thing"),
            Map.of("code", "SECOND", "message", "and another"));
    harbor
        .server()
        .faults()
        .always(ask -> true, new Fault.Reply(Answer.json(status, Map.of("errors", errors))));
    RemoteCallException failure = failure(() -> client().projects());
    assertThat(failure.failureClass()).isEqualTo(failureClass);
    assertThat(failure.reason()).isEqualTo(reason);
    assertThat(failure.status()).isEqualTo(status);
    assertThat(failure.describe())
        .isEqualTo(
            "Harbor default/main answered "
                + status
                + " to GET /api/v2.0/projects: FIRST one thing; SECOND and another");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"errors":[]}                          | {"errors":[]}
          {"errors":null}                        | {"errors":null}
          {"errors":[{"message":"only words"}]}  | only words
          {"errors":[{"code":"ONLY_CODE"}]}      | ONLY_CODE
          {"errors":[7]}                         | {"errors":[7]}
          {"message":"of a proxy"}               | of a proxy
          <html><h1>502</h1></html>              | an HTML page
          """)
  void errors_of_any_form_are_quoted(String body, String words) {
    harbor.server().faults().always(ask -> true, Fault.status(502, body));
    assertThat(failure(() -> client().projects()).describe()).endsWith(": " + words);
  }

  @Test
  void a_long_error_is_quoted_in_part() {
    harbor
        .server()
        .faults()
        .always(ask -> true, Fault.status(500, "it " + "x ".repeat(1000) + "broke"));
    assertThat(failure(() -> client().projects()).describe())
        .hasSizeLessThan(160)
        .contains(": it x x")
        .endsWith("x broke");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void pages_end_with_the_total_or_where_there_is_none_with_a_page_that_is_not_full(boolean total)
      throws Exception {
    IntStream.range(0, 150).forEach(i -> harbor.createProject("team-" + i, false));
    if (!total) {
      harbor.server().faults().always(ask -> ask.query("page").orElse("").equals("1"), page(100));
      harbor.server().faults().always(ask -> ask.query("page").orElse("").equals("2"), page(51));
    }
    assertThat(client().projects()).hasSize(151).doesNotHaveDuplicates();
    assertThat(harbor.server().log())
        .hasSize(2)
        .allMatch(ask -> ask.query("page_size").orElse("").equals("100"));
  }

  /** A page of Harbor's without its headers, as some proxies leave it. */
  private static Fault page(int size) {
    int first = size == 100 ? 1 : 101;
    return new Fault.Reply(
        Answer.json(
            200,
            IntStream.range(first, first + size)
                .mapToObj(i -> Map.of("project_id", i, "name", "team-" + i))
                .toList()));
  }

  @Test
  void no_more_requests_go_out_than_the_spec_lets_through() throws Exception {
    HarborClient client =
        new HarborClient(
            new HttpClients()
                .open(
                    "Harbor default/main",
                    ConnectionSettings.of(
                        harbor.url(), new Credential.Basic(ROBOT, SECRET), TlsSettings.SYSTEM, 50)),
            harbor.url());
    List<Callable<Object>> calls =
        IntStream.range(0, 40).<Callable<Object>>mapToObj(i -> client::systemInfo).toList();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Object> call : threads.invokeAll(calls)) {
        assertThat(call.get()).isNotNull();
      }
    }
    List<Instant> times = harbor.server().log().stream().map(Ask::at).sorted().toList();
    assertThat(times).hasSize(40);
    // Five in each tenth of a second, and those of one tenth may be late.
    assertThat(Duration.between(times.getFirst(), times.getLast()))
        .isGreaterThan(Duration.ofMillis(550));
  }

  @ParameterizedTest
  @CsvSource({
    "v2.8.0, false",
    "v2.10.3-5b0bcabd, false",
    "v2.11.2-5b0bcabd, false",
    "v2.12.0-5b0bcabd, true",
    "v2.16.0-5b0bcabd, true"
  })
  void a_project_is_listed_as_a_whole_or_before_harbor_2_12_by_repository(
      String version, boolean whole) throws Exception {
    harbor.version(version);
    for (String repository : List.of("web", "api/web", "a/b/c")) {
      harbor.push("shop", repository, "1.0", Map.of(repository, 100L));
    }
    String gone = harbor.push("shop", "emptied", "1.0", Map.of("gone", 100L));
    harbor.delete("shop", "emptied", gone);
    HarborClient.ArtifactQuery query =
        new HarborClient.ArtifactQuery(
            null, Instant.EPOCH, true, new HarborArtifact.Detail(true, false, true));
    assertThat(list(client(), "shop", query))
        .extracting(HarborArtifact::repository)
        .containsExactlyInAnyOrder("web", "api/web", "a/b/c");
    List<Ask> lists =
        harbor
            .server()
            .log(ask -> ask.rawPath().endsWith("/artifacts") && ask.query("q").isPresent());
    assertThat(lists).hasSize(whole ? 1 : 4);
    assertThat(lists)
        .allSatisfy(ask -> {
          assertThat(ask.query("q")).contains("tags=*,push_time=[1970-01-01T00:00:00~]");
          assertThat(ask.query("page_size")).contains("50");
          assertThat(ask.query("with_label")).contains("true");
        });
    assertThat(lists).noneMatch(ask -> ask.rawPath().contains("emptied"));
  }

  @Test
  void a_project_that_is_not_shown_is_no_empty_one() {
    for (String version : List.of("v2.8.0", "v2.14.4")) {
      harbor.version(version);
      assertThat(failure(() -> list(client(), "other", tagged())).status()).isEqualTo(403);
    }
  }

  @Test
  void in_read_only_mode_harbor_is_read_and_says_why_it_takes_no_change() throws Exception {
    harbor.push("shop", "web", "1.0", LAYERS);
    harbor.readOnly(true);
    assertThat(client().systemInfo().readOnly()).isTrue();
    assertThat(list(client(), "shop", tagged())).hasSize(1);
    RemoteCallException failure = failure(() -> client().createWebhookPolicy("shop", HOOK));
    assertThat(failure.reason()).isEqualTo(Reason.FORBIDDEN);
    assertThat(failure.describe())
        .endsWith(": DENIED The system is in read only mode. Any modification is prohibited.");
  }

  private void answerAlways(byte[] compressed) {
    harbor
        .server()
        .faults()
        .always(
            ask -> true,
            new Fault.Reply(
                new Answer(
                    200,
                    Map.of("Content-Type", "application/json", "Content-Encoding", "gzip"),
                    compressed)));
  }

  /** What writes the body. */
  @FunctionalInterface
  private interface Writing {
    void to(OutputStream out) throws IOException;
  }

  private static byte[] compressed(Writing writing) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      writing.to(out);
    }
    return bytes.toByteArray();
  }

  private static RemoteCallException failure(ThrowingCallable call) {
    return catchThrowableOfType(RemoteCallException.class, call);
  }
}
