package io.goharbor.preheat.importer;

import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.harbor.HarborPreheat.About;
import io.goharbor.preheat.harbor.HarborPreheat.Instance;
import io.goharbor.preheat.harbor.HarborPreheat.Policy;
import io.goharbor.preheat.importer.HarborContent.ProjectPolicies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A whole Harbor. What is printed of it is a file, which {@code -Dimport.update=true} writes again,
 * and is shown in docs/import-harbor.md.
 */
class TranslationTest {
  private static final Path GOLDEN = Path.of("src/test/resources/import/shop.yaml");
  private static final ImportSetup SETUP =
      new ImportSetup(
          "https://harbor.example.com",
          "preheat",
          "harbor",
          false,
          false,
          "https://preheat.example.com",
          false);

  private static HarborContent shop() {
    return Given.content(
        "v2.14.4",
        List.of(
            Given.instance(
                1, "dragonfly-eu", "dragonfly", "https://dragonfly.example.com", "OAUTH"),
            Given.instance(2, "kraken", "kraken", "http://kraken-proxy:10050", "NONE")),
        new ProjectPolicies(
            Given.project("library"),
            List.of(
                new Policy(
                    "base",
                    "",
                    2,
                    "[{\"type\":\"repository\",\"value\":\"{debian,alpine}\"},"
                        + "{\"type\":\"tag\",\"value\":\"**\"}]",
                    "{\"type\":\"manual\",\"trigger_setting\":{}}",
                    false,
                    null,
                    ""))),
        new ProjectPolicies(
            Given.project("shop", "prevent_vul", "true", "severity", "high"),
            List.of(
                new Policy(
                    "releases",
                    "what the shops run",
                    1,
                    "[{\"type\":\"repository\",\"value\":\"**\"},"
                        + "{\"type\":\"tag\",\"value\":\"v*\"},"
                        + "{\"type\":\"label\",\"value\":\"prod,approved\"},"
                        + "{\"type\":\"signature\",\"value\":true}]",
                    "{\"type\":\"event_based\",\"trigger_setting\":{\"cron\":\"\"}}",
                    true,
                    null,
                    "{\"scope\":\"all_seed_peers\",\"cluster_ids\":[1,3]}"),
                new Policy(
                    "Nightly_All",
                    "",
                    1,
                    Given.EVERYTHING,
                    "{\"type\":\"scheduled\",\"trigger_setting\":{\"cron\":\"0 30 2 * * *\"}}",
                    true,
                    null,
                    "{\"scope\":\"single_seed_peer\"}"))));
  }

  @Test
  void the_whole_is_printed_as_in_the_file_and_in_the_docs() throws IOException {
    String yaml = YamlText.of(Translation.of(SETUP, shop(), true), "preheat");
    if (Boolean.getBoolean("import.update")) {
      Files.writeString(GOLDEN, yaml);
    }
    assertThat(yaml).isEqualTo(Files.readString(GOLDEN));
    assertThat(Files.readString(Path.of("../docs/import-harbor.md"))).contains(yaml);
  }

  @Test
  void no_line_is_much_wider_than_a_screen() {
    assertThat(YamlText.of(Translation.of(SETUP, shop(), true), "preheat").lines())
        .filteredOn(line -> !line.contains("kubectl create"))
        .allMatch(line -> line.length() <= 100);
  }

  @Test
  void policies_follow_what_became_of_their_instance() {
    HarborContent content =
        Given.content(
            "v2.14.4",
            List.of(
                Given.instance(1, "nydus", "nydus", "http://n", "NONE"),
                Given.instance(2, "unused", "kraken", "http://k", "NONE")),
            new ProjectPolicies(
                Given.project("shop"),
                List.of(Given.policy("p", Given.EVERYTHING, Given.MANUAL, ""))));

    Translation named = Translation.of(SETUP, content, false);
    assertThat(named.leftOut())
        .extracting(Imported.LeftOut::what)
        .containsExactly("instance nydus", "policy shop/p");
    assertThat(named.count("P2PProvider")).isZero();
    assertThat(YamlText.of(named, null))
        .contains("# Not imported: instance nydus, because its vendor is 'nydus'");
    assertThat(Translation.of(SETUP, content, true).count("P2PProvider")).isOne();
  }

  @Test
  void what_the_account_could_not_see_stands_at_the_head() {
    HarborContent content =
        new HarborContent(
            new About("v2.14.4", "https://pull.example.com/"),
            List.<Instance>of(),
            false,
            List.of(),
            List.of("secret", "vault"));
    String yaml = YamlText.of(Translation.of(SETUP, content, true), null);
    assertThat(yaml.replace("\n# ", " "))
        .contains("(preheat-instance:list of the system)", "secret, vault");
    assertThat(yaml).contains("  registryURL: https://pull.example.com\n");
  }

  @Test
  void the_registry_is_reached_as_the_import_reached_it() {
    HarborContent content = Given.content("v2.14.4", List.of());
    ImportSetup custom =
        new ImportSetup("https://harbor.example.com", null, "main", true, false, null, false);
    ImportSetup open =
        new ImportSetup("https://harbor.example.com/", null, "main", false, true, null, false);
    assertThat(YamlText.of(Translation.of(custom, content, true), null))
        .contains(
            "    caBundleRef:\n      kind: ConfigMap\n      name: main-ca\n      key: ca.crt\n",
            "#  kubectl create configmap main-ca --from-file=ca.crt=FILE\n",
            "No webhook: what is pushed is found by the sweep");
    assertThat(YamlText.of(Translation.of(open, content, true), null))
        .contains("  url: https://harbor.example.com\n", "    insecureSkipVerify: true\n");
  }
}
