package io.goharbor.preheat.e2e.harbor;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.e2e.OldPreheat;
import io.goharbor.preheat.e2e.sim.harbor.HarborSimulator;
import io.goharbor.preheat.importer.ImportHarbor;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command against a simulated Harbor: what it says when something is in its way. */
class ImportHarborFaultsTest {
  private static final String ADMIN = "admin";
  private static final String PASSWORD = "pass-52ce11";
  private static final String TOKEN = "token-8812fe";
  private static final String ALL = "[{\"type\":\"tag\",\"value\":\"**\"}]";
  private static final String MANUAL = "{\"type\":\"manual\",\"trigger_setting\":{}}";

  private final HarborSimulator harbor = new HarborSimulator(Clock.systemUTC(), 0.01);
  private final OldPreheat old = new OldPreheat(harbor.url(), ADMIN, PASSWORD);

  private record Result(int code, String out, String err) {}

  @BeforeEach
  void fill() throws Exception {
    harbor.addRobot(ADMIN, PASSWORD);
    harbor.createProject("shop", false);
    harbor.createProject("empty", false);
    long eu =
        old.instance("eu-http", "dragonfly", "https://manager", "OAUTH", Map.of("token", TOKEN));
    old.instance("unused", "kraken", "http://kraken", "NONE", Map.of());
    old.policy("shop", "all", eu, true, ALL, MANUAL, "{}");
  }

  @AfterEach
  void close() {
    harbor.close();
  }

  @Test
  void a_project_is_printed_with_the_instances_that_it_uses() {
    Result result = run(ADMIN, PASSWORD, "--project", "shop", "--namespace", "p2p");
    assertThat(result.code()).isZero();
    assertThat(result.out())
        .contains("  name: eu-http\n  namespace: p2p\n", "  name: shop-all\n  namespace: p2p\n")
        .doesNotContain("unused");
    assertThat(result.err())
        .isEqualTo(
            "import-harbor: 1 providers and 1 policies; read the comments before you apply them"
                + System.lineSeparator());
    assertThat(run(ADMIN, PASSWORD).out()).contains("  name: unused\n");
  }

  @Test
  void many_policies_come_in_pages() throws Exception {
    long id = old.instance("third", "dragonfly", "http://third", "NONE", Map.of());
    for (int i = 0; i < 101; i++) {
      old.policy("shop", "p" + i, id, true, ALL, MANUAL, "{}");
    }
    Result result = run(ADMIN, PASSWORD);
    assertThat(result.err()).contains("3 providers and 102 policies");
    assertThat(harbor.server().log())
        .anyMatch(ask ->
            ask.rawPath().endsWith("/preheat/policies")
                && ask.query("page").orElse("").equals("2")
                && ask.query("page_size").orElse("").equals("100"));
  }

  @Test
  void a_wrong_password_is_told_of_without_it() {
    Result result = run(ADMIN, "wrong-1177aa");
    assertThat(result.code()).isEqualTo(3);
    assertThat(result.out()).isEmpty();
    assertThat(result.err())
        .startsWith("import-harbor: Harbor at " + harbor.url() + " does not take admin")
        .doesNotContain("wrong-1177aa");
  }

  @Test
  void a_missing_permission_is_named() {
    harbor.addRobot("robot$a", PASSWORD, "project:read");
    Result none = run("robot$a", PASSWORD);
    assertThat(none.code()).isEqualTo(4);
    assertThat(none.err())
        .contains("robot$a lacks the permission preheat-policy:list in any project");
    Result named = run("robot$a", PASSWORD, "--project", "shop");
    assertThat(named.code()).isEqualTo(4);
    assertThat(named.err()).contains("lacks the permission preheat-policy:list in project shop");
    Result hidden = run("robot$a", PASSWORD, "--project", "vault");
    assertThat(hidden.code()).isEqualTo(4);
    assertThat(hidden.err()).contains("Harbor shows robot$a no project vault");
  }

  @Test
  void one_refused_project_does_not_hide_the_others() {
    harbor.addRobot(
        "robot$a", PASSWORD, "project:read", "shop/preheat-policy:list", "preheat-instance:list");
    Result result = run("robot$a", PASSWORD);
    assertThat(result.code()).isZero();
    assertThat(result.out()).contains("name: shop-all", "lacks preheat-policy:list there: empty.");
    assertThat(result.err()).contains("preheat-policy:list: empty");
  }

  @Test
  void without_permission_in_the_system_instances_are_as_projects_see_them() {
    harbor.addRobot("robot$a", PASSWORD, "project:read", "preheat-policy:list");
    Result result = run("robot$a", PASSWORD, "--project", "shop");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out())
        .contains(
            "  name: eu-http\n",
            "    url: https://manager\n",
            "  # Harbor does not show this account how it signs in",
            "  name: shop-all\n");
  }

  @Test
  void no_policy_is_an_exit_code_of_its_own() {
    Result result = run(ADMIN, PASSWORD, "--project", "empty");
    assertThat(result.code()).isEqualTo(5);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).contains("there is no preheat policy in project empty");
  }

  @Test
  void what_cannot_be_reached_is_named() {
    Result result = execute(List.of("--url", "http://127.0.0.1:1", "--username", "a"), PASSWORD);
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err())
        .isEqualTo(
            "import-harbor: Harbor: 127.0.0.1:1 cannot be connected to" + System.lineSeparator());
  }

  @Test
  void something_else_than_a_harbor_is_told_of() {
    Result result =
        execute(List.of("--url", harbor.url() + "/console", "--username", ADMIN), PASSWORD);
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("answered 404", "; check that --url is that of a Harbor");
  }

  @Test
  void an_authority_that_is_not_known_can_be_named(@TempDir Path folder) throws Exception {
    HeldCertificate authority = new HeldCertificate.Builder().certificateAuthority(0).build();
    try (HarborSimulator secure = HarborAccessTest.secureHarbor(authority)) {
      List<String> options = List.of("--url", secure.url(), "--username", ADMIN);
      secure.addRobot(ADMIN, PASSWORD);
      secure.createProject("shop", true);
      Result unknown = execute(options, PASSWORD);
      assertThat(unknown.code()).isEqualTo(1);
      assertThat(unknown.err()).contains("TLS to 127.0.0.1", "; name its authority by --ca-file");

      Path pem = Files.writeString(folder.resolve("ca.pem"), authority.certificatePem());
      List<String> known = new ArrayList<>(options);
      known.addAll(List.of("--ca-file", pem.toString()));
      // It gets as far as there is something to read.
      assertThat(execute(known, PASSWORD).code()).isEqualTo(5);
      List<String> any = new ArrayList<>(options);
      any.add("--insecure-skip-tls-verify");
      assertThat(execute(any, PASSWORD).code()).isEqualTo(5);
    }
  }

  @Test
  void wrong_options_are_told_of(@TempDir Path folder) throws Exception {
    assertThat(run(ADMIN, "").err()).contains("no password: use --password-file, or set");
    assertThat(run(ADMIN, PASSWORD, "--ca-file", folder.resolve("x").toString()).err())
        .contains("the file " + folder.resolve("x") + " cannot be read");
    Path empty = Files.writeString(folder.resolve("empty.pem"), "");
    assertThat(run(ADMIN, PASSWORD, "--ca-file", empty.toString()).err())
        .contains("--ca-file: TLS material cannot be used: the CA bundle holds no certificate");
    assertThat(run(ADMIN, PASSWORD, "--namespace", "A").err()).contains("--namespace must be");
    assertThat(run(ADMIN, PASSWORD, "--output", folder.toString()).err())
        .contains("cannot be written");
    assertThat(execute(List.of("--url", "ftp://h", "--username", "a"), PASSWORD))
        .satisfies(result -> {
          assertThat(result.code()).isEqualTo(2);
          assertThat(result.err()).contains("--url must be an http or https URL");
        });
    assertThat(execute(List.of("--username", "a"), PASSWORD))
        .satisfies(result -> {
          assertThat(result.code()).isEqualTo(2);
          assertThat(result.err()).contains("Missing required option: '--url=URL'");
        });
  }

  @Test
  void the_password_may_be_in_a_file_and_the_yaml_go_to_one(@TempDir Path folder) throws Exception {
    Path password = Files.writeString(folder.resolve("password"), PASSWORD + "\n");
    Path yaml = folder.resolve("out.yaml");
    Result result =
        run(ADMIN, "", "--password-file", password.toString(), "--output", yaml.toString());
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).isEmpty();
    assertThat(Files.readString(yaml))
        .contains("kind: HarborRegistry", "kind: PreheatPolicy")
        .doesNotContain(PASSWORD, TOKEN);
  }

  private Result run(String user, String password, String... options) {
    List<String> all = new ArrayList<>(List.of("--url", harbor.url(), "--username", user));
    all.addAll(List.of(options));
    return execute(all, password);
  }

  private static Result execute(List<String> options, String password) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        new CommandLine(
                new ImportHarbor(
                    password.isEmpty() ? Map.of() : Map.of("HARBOR_PASSWORD", password),
                    new ByteArrayInputStream(new byte[0])))
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(options.toArray(String[]::new));
    assertThat(out + err.toString()).doesNotContain(TOKEN, PASSWORD);
    return new Result(code, out.toString(), err.toString());
  }
}
