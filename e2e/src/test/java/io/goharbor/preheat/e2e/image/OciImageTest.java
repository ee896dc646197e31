package io.goharbor.preheat.e2e.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The layers and the settings of the image, of small files in place of the real ones. */
class OciImageTest {
  private static final List<String> FILES =
      List.of(
          "opt/java/bin/java",
          "opt/java/lib/modules",
          "app/operator.jar",
          "app/bom.json",
          "app/lib/api-model-1.0.jar",
          "app/lib/jackson-core-1.jar",
          "app/operator.aot");

  @TempDir private Path folder;

  @Test
  void two_builds_are_the_same() throws Exception {
    Path one = folder.resolve("one.tar");
    Path other = folder.resolve("other.tar");
    String digest = build("one", one);
    // The files' own times differ between the two.
    Thread.sleep(10);
    assertThat(build("other", other)).isEqualTo(digest).startsWith("sha256:");
    assertThat(other).hasSameBinaryContentAs(one);
  }

  @Test
  void it_is_started_by_a_user_without_rights_with_the_cache() throws Exception {
    JsonNode config = Oci.read(tarball()).config;
    assertThat(config.at("/config/User").asText()).isEqualTo("65532:65532");
    assertThat(texts(config.at("/config/Entrypoint"))).isEqualTo(ImagePlan.ENTRYPOINT);
    assertThat(config.at("/config/Cmd").isEmpty()).isTrue();
    assertThat(config.at("/config/WorkingDir").asText()).isEqualTo("/tmp");
    assertThat(texts(config.at("/config/Env")))
        .containsExactlyInAnyOrder("MALLOC_ARENA_MAX=2", "LANG=C.UTF-8");
    assertThat(config.at("/config/ExposedPorts").properties())
        .extracting(Map.Entry::getKey)
        .containsExactlyInAnyOrder("8080/tcp", "8081/tcp");
    assertThat(config.at("/config/Labels/org.opencontainers.image.licenses").asText())
        .isEqualTo("Apache-2.0");
    assertThat(config.at("/config/Labels/org.opencontainers.image.version").asText())
        .isEqualTo("1.0");
    assertThat(config.path("os").asText()).isEqualTo("linux");
    assertThat(config.path("architecture").asText()).isEqualTo("amd64");
    assertThat(config.path("created").asText()).isEqualTo(ImagePlan.TIME.toString());
  }

  @Test
  void layers_are_in_the_order_in_which_they_change() throws Exception {
    assertThat(Oci.read(tarball()).layers)
        .extracting(layer ->
            layer.values().stream()
                .filter(entry -> !entry.name().endsWith("/"))
                .map(TarFile.Entry::name)
                .toList())
        .containsExactly(
            List.of("opt/java/bin/java", "opt/java/lib/modules"),
            List.of("app/lib/jackson-core-1.jar"),
            List.of("app/bom.json", "app/lib/api-model-1.0.jar", "app/operator.jar"),
            List.of("app/operator.aot"));
  }

  @Test
  void nothing_in_it_can_be_written_by_the_operator_and_all_has_the_time_of_the_training()
      throws Exception {
    for (Map<String, TarFile.Entry> layer : Oci.read(tarball()).layers) {
      for (TarFile.Entry entry : layer.values()) {
        assertThat(entry.owner()).as(entry.name()).isZero();
        assertThat(entry.group()).as(entry.name()).isZero();
        assertThat(entry.mode() & 0022).as(entry.name()).isZero();
        if (!entry.name().endsWith("/")) {
          assertThat(entry.seconds()).as(entry.name()).isEqualTo(ImagePlan.TIME.getEpochSecond());
          assertThat((entry.mode() & 0111) != 0)
              .as(entry.name())
              .isEqualTo(entry.name().equals("opt/java/bin/java"));
        }
      }
    }
  }

  @Test
  void a_base_image_with_an_impossible_name_is_told() throws IOException {
    Staging staging = staging("staging");
    assertThatThrownBy(() ->
            new OciImage("No Name", "x:1", "1", "amd64")
                .write(staging, folder.resolve("x.tar"), folder.resolve("layers")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the image cannot be built: ");
  }

  private Path tarball() throws Exception {
    Path tarball = folder.resolve("image.tar");
    build("image", tarball);
    return tarball;
  }

  private String build(String name, Path tarball) throws Exception {
    return new OciImage(OciImage.SCRATCH, "preheat:1.0", "1.0", "amd64")
        .write(staging(name), tarball, folder.resolve(name + "-layers"));
  }

  private Staging staging(String name) throws IOException {
    Path root = folder.resolve(name);
    for (String file : FILES) {
      Path path = root.resolve(file);
      Files.createDirectories(path.getParent());
      Files.writeString(path, "content of " + file);
      if (file.endsWith("bin/java") && !path.toFile().setExecutable(true)) {
        throw new IOException("cannot be made executable: " + path);
      }
    }
    return new Staging(root);
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  /** An OCI layout in a tarball. */
  private record Oci(JsonNode config, List<Map<String, TarFile.Entry>> layers) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static Oci read(Path tarball) throws IOException {
      try (InputStream in = Files.newInputStream(tarball)) {
        Map<String, TarFile.Entry> files = TarFile.read(in);
        JsonNode index = JSON.readTree(content(files, "index.json"));
        JsonNode manifest = blob(files, index.at("/manifests/0/digest"));
        List<Map<String, TarFile.Entry>> layers = new ArrayList<>();
        for (JsonNode layer : manifest.path("layers")) {
          byte[] bytes = content(files, path(layer.path("digest")));
          layers.add(TarFile.read(new GZIPInputStream(new ByteArrayInputStream(bytes))));
        }
        return new Oci(blob(files, manifest.at("/config/digest")), layers);
      }
    }

    private static JsonNode blob(Map<String, TarFile.Entry> files, JsonNode digest)
        throws IOException {
      return JSON.readTree(content(files, path(digest)));
    }

    private static String path(JsonNode digest) {
      return "blobs/" + digest.asText().replace(':', '/');
    }

    private static byte[] content(Map<String, TarFile.Entry> files, String name) {
      return Objects.requireNonNull(files.get(name), name).content();
    }
  }
}
