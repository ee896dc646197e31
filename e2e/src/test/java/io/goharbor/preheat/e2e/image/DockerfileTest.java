package io.goharbor.preheat.e2e.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The Dockerfile makes the image that {@link BuildImage} makes. */
class DockerfileTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private final List<String> lines = lines();

  @Test
  void it_starts_the_operator_as_the_image_does() throws IOException {
    assertThat(
            new ObjectMapper().readTree(one("ENTRYPOINT")).valueStream().map(part -> part.asText()))
        .containsExactlyElementsOf(ImagePlan.ENTRYPOINT);
    assertThat(one("USER")).isEqualTo(ImagePlan.USER);
    assertThat(one("WORKDIR")).isEqualTo("/tmp");
    assertThat(one("ENV").split(" "))
        .containsExactlyInAnyOrder(
            ImagePlan.ENVIRONMENT.entrySet().stream()
                .map(variable -> variable.getKey() + "=" + variable.getValue())
                .toArray(String[]::new));
    assertThat(one("EXPOSE"))
        .isEqualTo(
            ImagePlan.PORTS.stream().map(port -> port.toString()).collect(Collectors.joining(" ")));
    assertThat(lines).contains("ARG BASE=" + ImagePlan.BASE, "FROM ${BASE}");
    assertThat(last("CMD")).isEmpty();
  }

  @Test
  void it_takes_all_parts_of_what_was_staged() {
    String staged = "/src/e2e/target/image/root/";
    assertThat(lines).contains("RUN bin/image --stage-only");
    Map<String, String> copies =
        last("COPY --from=build").stream()
            .flatMap(copy -> {
              String[] words = copy.split(" ");
              String target = words[words.length - 1];
              return Arrays.stream(words, 0, words.length - 1)
                  .map(from ->
                      Map.entry(
                          from.substring(staged.length()),
                          target.endsWith("/")
                              ? target + from.substring(from.lastIndexOf('/') + 1)
                              : target));
            })
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    assertThat(copies)
        .isEqualTo(
            List.of(
                    ImagePlan.RUNTIME,
                    ImagePlan.APP + "/lib",
                    ImagePlan.JAR,
                    ImagePlan.BILL,
                    ImagePlan.CACHE)
                .stream()
                .collect(Collectors.toMap(part -> part, part -> "/" + part)));
  }

  @Test
  void the_options_are_of_the_image_alone() throws IOException {
    assertThat(ImagePlan.jvmOptions(ROOT)).isNotEmpty().allMatch(option -> option.startsWith("-"));
    assertThat(String.join("\n", lines)).doesNotContain("-XX:+Use", "-Xm");
  }

  private String one(String instruction) {
    assertThat(last(instruction)).as(instruction).hasSize(1);
    return last(instruction).getFirst();
  }

  /** What follows an instruction in the last stage. */
  private List<String> last(String instruction) {
    int stage = lines.lastIndexOf("FROM ${BASE}");
    return lines.subList(stage, lines.size()).stream()
        .filter(line -> line.startsWith(instruction + " "))
        .map(line -> line.substring(instruction.length() + 1))
        .toList();
  }

  private static List<String> lines() {
    try {
      return Files.readAllLines(ROOT.resolve("deploy/image/Dockerfile"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
