package io.goharbor.preheat.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import io.goharbor.preheat.supervision.Supervisor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogLevelsTest {
  private static final String OURS = "io.goharbor.preheat";
  private static final String HARBOR = OURS + ".harbor";

  private final LoggerContext context = new LoggerContext();
  private final LogLevels levels = new LogLevels(context);

  @Test
  void what_is_taken_away_gets_back_what_it_had() {
    context.getLogger(OURS).setLevel(Level.INFO);
    levels.apply(Map.of(OURS, Level.WARN, HARBOR, Level.DEBUG));
    assertThat(context.getLogger(OURS).getLevel()).isEqualTo(Level.WARN);
    assertThat(context.getLogger(HARBOR + ".HarborClient").isDebugEnabled()).isTrue();
    levels.apply(Map.of(HARBOR, Level.TRACE));
    assertThat(context.getLogger(OURS).getLevel()).isEqualTo(Level.INFO);
    assertThat(context.getLogger(HARBOR).getLevel()).isEqualTo(Level.TRACE);
    levels.apply(Map.of());
    assertThat(context.getLogger(HARBOR).getLevel()).isNull();
    assertThat(context.getLogger(HARBOR).isInfoEnabled()).isTrue();
    assertThat(context.getLogger(HARBOR).isDebugEnabled()).isFalse();
  }

  @Test
  void a_file_that_changes_is_followed_and_one_that_is_wrong_changes_nothing(@TempDir Path folder)
      throws IOException {
    Path file = Files.writeString(folder.resolve("level"), "DEBUG");
    levels.follow(
        () -> Map.of(HARBOR, level(Files.readString(file))),
        new Supervisor(_ -> {}),
        Duration.ofMillis(10));
    awaitLevel(Level.DEBUG);
    Files.writeString(file, "loud");
    levels.look(() -> Map.of(HARBOR, level(Files.readString(file))));
    assertThat(context.getLogger(HARBOR).getLevel()).isEqualTo(Level.DEBUG);
    Files.writeString(file, "ERROR");
    awaitLevel(Level.ERROR);
  }

  @Test
  void the_configuration_file_is_followed(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("config.yaml"), "logging: {level: warn}");
    Map<String, String> environment = Map.of("PREHEAT_CONFIG_FILE", file.toString());
    levels.follow(
        () -> LogSetup.levels(OperatorConfig.from(environment).logging()),
        new Supervisor(_ -> {}),
        Duration.ofMillis(10));
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> Level.WARN.equals(context.getLogger(OURS).getLevel()));
    Files.writeString(file, "logging: {level: info, levels: {" + HARBOR + ": debug}}");
    awaitLevel(Level.DEBUG);
    assertThat(context.getLogger(OURS).getLevel()).isEqualTo(Level.INFO);
  }

  private void awaitLevel(Level level) {
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> level.equals(context.getLogger(HARBOR).getLevel()));
  }

  private static Level level(String text) {
    Level level = Level.toLevel(text, null);
    if (level == null) {
      throw new IllegalArgumentException("no level: " + text);
    }
    return level;
  }
}
