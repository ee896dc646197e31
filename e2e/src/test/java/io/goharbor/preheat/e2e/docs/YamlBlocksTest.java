package io.goharbor.preheat.e2e.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.goharbor.preheat.e2e.kube.EmbeddedKube;
import io.goharbor.preheat.e2e.kube.Kube;
import io.goharbor.preheat.e2e.kube.RealKube;
import io.goharbor.preheat.e2e.kube.RealKubes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every block of YAML in the documentation, and every example, is taken by an API server. */
class YamlBlocksTest {
  /** Languages of blocks that are not commands; {@code text} is for people only. */
  static final Set<String> LANGUAGES = Set.of("yaml", "json", "text");

  @Test
  void the_embedded_api_takes_every_block() throws IOException {
    try (EmbeddedKube kube = EmbeddedKube.start()) {
      tryAll(kube);
    }
  }

  @Test
  void a_real_api_server_takes_every_block(@TempDir Path scratch) throws Exception {
    try (RealKube kube = RealKubes.startOrSkip(scratch)) {
      tryAll(kube);
    }
  }

  private static void tryAll(Kube kube) throws IOException {
    List<Block> blocks = new ArrayList<>(Examples.blocks());
    Page.all().stream()
        .flatMap(page -> page.blocks().stream())
        .filter(block -> block.language().equals("yaml"))
        .forEach(blocks::add);
    List<String> wrong = new ArrayList<>();
    try (KubernetesClient client = kube.client()) {
      Workspace.applyCrds(client);
      YamlCheck check = new YamlCheck(client);
      for (Block block : blocks) {
        try {
          check.check(block);
        } catch (IOException | RuntimeException e) {
          wrong.add(block.at() + ": " + e.getMessage());
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(blocks).hasSizeGreaterThan(20);
  }

  @Test
  void every_block_of_json_is_json() {
    ObjectMapper json = new ObjectMapper();
    Page.all().stream()
        .flatMap(page -> page.blocks().stream())
        .filter(block -> block.language().equals("json"))
        .forEach(block ->
            assertThat(block.text())
                .as(block.at())
                .satisfies(text -> assertThat(json.readTree(text).isMissingNode()).isFalse()));
  }

  @Test
  void a_wrong_block_is_seen() {
    try (EmbeddedKube kube = EmbeddedKube.start();
        KubernetesClient client = kube.client()) {
      Workspace.applyCrds(client);
      YamlCheck check = new YamlCheck(client);
      assertWrong(check, "part of PreheatPolicy.spec", "platformz: [linux/amd64]", "platformz");
      assertWrong(check, "part of P2PProvider.spec", "kraken: {}", "proxyURL or originURL");
      assertWrong(check, "values of the chart", "replica: 2", "replica");
      assertWrong(check, "values of harbor", "expos: {type: x}", "expos.type");
      assertWrong(check, "values of no one", "a: 1", "there is no check");
      assertWrong(check, "", "selector: {}", "no object");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertWrong(YamlCheck check, String as, String text, String message) {
    assertThatThrownBy(() -> check.check(new Block("p.md", 1, "yaml", as, text)))
        .hasMessageContaining(message);
  }
}
