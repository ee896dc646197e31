package io.goharbor.preheat.e2e.harbor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.e2e.sim.Answer;
import io.goharbor.preheat.e2e.sim.Ask;
import io.goharbor.preheat.e2e.sim.Fault;
import io.goharbor.preheat.e2e.sim.Faults;
import io.goharbor.preheat.harbor.HarborArtifact;
import io.goharbor.preheat.harbor.HarborClient.ArtifactQuery;
import io.goharbor.preheat.harbor.HarborClient.Project;
import io.goharbor.preheat.http.Credential;
import io.goharbor.preheat.http.RemoteCallException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Lists: pages, narrowing, and Harbor's ways of writing them. */
class HarborListingTest extends HarborBench {
  private static final String ARTIFACTS = "/projects/shop/artifacts";

  @Test
  void pages_are_smaller_when_reports_are_asked_for() throws Exception {
    push(120);

    HarborArtifact.Detail scan = new HarborArtifact.Detail(false, false, true);
    assertThat(list(client(), "shop", new ArtifactQuery("web", null, true, scan))).hasSize(120);

    List<Ask> asked = harbor.server().log(ask -> ask.rawPath().endsWith("/web/artifacts"));
    assertThat(asked).hasSize(3).allMatch(ask -> ask.query("page_size").orElse("").equals("50"));
    assertThat(asked)
        .allMatch(ask ->
            ask.header("X-Accept-Vulnerabilities").orElse("").contains("report; version=1.1"));
  }

  @Test
  void what_is_pushed_while_pages_are_read_shows_nothing_twice() throws Exception {
    push(150);
    List<String> found = new ArrayList<>();
    AtomicBoolean first = new AtomicBoolean(true);
    client()
        .artifacts(
            "shop",
            tagged(),
            artifact -> {
              if (first.getAndSet(false)) {
                harbor.push("shop", "web", "late", Map.of("late", 100L));
              }
              found.add(artifact.digest());
            });
    assertThat(found).hasSize(151).doesNotHaveDuplicates();
  }

  @Test
  void an_artifact_that_two_pages_show_is_passed_on_once() throws Exception {
    push(1);
    String page = new String(artifactsPage(), StandardCharsets.UTF_8);
    String item = page.substring(1, page.length() - 1);
    harbor
        .server()
        .faults()
        .next(
            2,
            Faults.on("GET", ARTIFACTS),
            new Fault.Reply(
                new Answer(
                    200,
                    Map.of("X-Total-Count", "101"),
                    ("[" + item + "]").getBytes(StandardCharsets.UTF_8))));
    assertThat(list(client(), "shop", tagged())).hasSize(1);
  }

  private byte[] artifactsPage() throws RemoteCallException {
    HarborArtifact artifact = list(client(), "shop", tagged()).getFirst();
    return ("[{\"repository_name\":\"shop/web\",\"digest\":\"" + artifact.digest() + "\"}]")
        .getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void an_empty_list_is_null_and_no_fault() throws Exception {
    assertThat(list(client(), "shop", tagged())).isEmpty();
    assertThat(client().webhookPolicies("shop")).isEmpty();
  }

  @Test
  void something_else_than_a_list_is_reported() {
    harbor
        .server()
        .faults()
        .always(Faults.on("GET", "/projects"), new Fault.Reply(Answer.json(200, Map.of("a", 1))));
    RemoteCallException failure =
        catchThrowableOfType(RemoteCallException.class, () -> client().projects());
    assertThat(failure.reason()).isEqualTo(Reason.UNEXPECTED_ANSWER);
    assertThat(failure.describe())
        .isEqualTo(
            "Harbor default/main answered to GET /api/v2.0/projects with something else than a"
                + " list; check that the URL is that of a Harbor");
  }

  @Test
  void an_item_that_cannot_be_read_does_not_hide_the_others() throws Exception {
    harbor
        .server()
        .faults()
        .always(
            Faults.on("GET", ARTIFACTS),
            new Fault.Reply(
                Answer.json(
                    200,
                    List.of(
                        Map.of("repository_name", "shop/web"),
                        Map.of(
                            "repository_name",
                            "shop/web",
                            "digest",
                            "sha256:ab",
                            "push_time",
                            "0001-01-01T00:00:00.000Z",
                            "future_field",
                            Map.of("x", 1))))));
    assertThat(list(client(), "shop", tagged()))
        .singleElement()
        .satisfies(artifact -> {
          assertThat(artifact.digest()).isEqualTo("sha256:ab");
          assertThat(artifact.pushTime()).isNull();
        });
  }

  @Test
  void children_of_an_index_are_not_listed_and_name_their_platforms() throws Exception {
    harbor.pushIndex(
        "shop",
        "web",
        "1.0",
        List.of("linux/amd64", "linux/arm64/v8", "unknown/unknown"),
        Map.of("l", 100L));
    harbor.scanned("shop", "web", "1.0", "High");
    HarborArtifact.Detail scan = new HarborArtifact.Detail(false, false, true);
    HarborArtifact index =
        list(client(), "shop", new ArtifactQuery(null, null, false, scan)).getFirst();
    assertThat(list(client(), "shop", tagged())).hasSize(1);
    assertThat(index.children())
        .extracting(HarborArtifact.Child::platform)
        .containsExactly("linux/amd64", "linux/arm64/v8", null);
    assertThat(index.scan()).isEqualTo(new HarborArtifact.Scan(true, "High"));
  }

  @Test
  void the_push_time_narrows_the_list() throws Exception {
    harbor.push("shop", "web", "1.0", LAYERS);
    Instant past = Instant.now().minusSeconds(60);
    ArtifactQuery since = new ArtifactQuery(null, past, true, HarborArtifact.Detail.BASIC);
    assertThat(list(client(), "shop", since)).hasSize(1);
    assertThat(harbor.server().log(ask -> ask.rawPath().endsWith(ARTIFACTS)))
        .singleElement()
        .satisfies(ask ->
            assertThat(ask.query("q").orElse(""))
                .matches("tags=\\*,push_time=\\[\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d~]"));
  }

  @Test
  void a_project_that_is_called_by_a_number_is_no_id() throws Exception {
    // The id 1 is that of the project shop.
    harbor.createProject("1", false);
    harbor.push("1", "web", "1.0", LAYERS);
    harbor.addWebhook("shop", "http://127.0.0.1:9/", "", "Default");
    assertThat(list(client(), "1", tagged()))
        .singleElement()
        .satisfies(artifact -> assertThat(artifact.project()).isEqualTo("1"));
    assertThat(client().webhookPolicies("1")).isEmpty();
  }

  @Test
  void projects_are_those_that_the_account_sees() throws Exception {
    harbor.createProject("library", true);
    IntStream.range(0, 110).forEach(i -> harbor.createProject("team-" + i, false));
    assertThat(client().projects()).hasSize(112).doesNotHaveDuplicates();
    assertThat(client(new Credential.None()).projects())
        .singleElement()
        .satisfies(project -> {
          assertThat(project.name()).isEqualTo("library");
          assertThat(project.isPublic()).isTrue();
        });
    harbor.addRobot("robot$one", "s1", "shop/project:read");
    assertThat(client(new Credential.Basic("robot$one", "s1")).projects())
        .extracting(Project::name)
        .containsExactlyInAnyOrder("library", "shop");
  }

  private void push(int count) {
    Set<String> digests =
        new java.util.HashSet<>(
            IntStream.range(0, count)
                .mapToObj(i -> harbor.push("shop", "web", "t" + i, Map.of("layer " + i, 100L)))
                .toList());
    assertThat(digests).hasSize(count);
  }
}
