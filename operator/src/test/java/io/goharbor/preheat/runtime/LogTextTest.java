package io.goharbor.preheat.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import io.goharbor.preheat.http.Redactor;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;

/** Whatever a line is made of, and however it is written. */
class LogTextTest {
  private static final String SECRET = "robot-secret-7f3a9c";

  @ParameterizedTest
  @ValueSource(strings = {"logback.xml", "logback-json.xml", "logback-command.xml"})
  void no_line_holds_a_secret_or_moves_the_cursor(String file) throws Exception {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    PrintStream out = System.out;
    PrintStream err = System.err;
    LoggerContext context = new LoggerContext();
    context.setMDCAdapter(new LogbackMDCAdapter());
    try (PrintStream capture = new PrintStream(written, true, StandardCharsets.UTF_8)) {
      System.setOut(capture);
      System.setErr(capture);
      JoranConfigurator configurator = new JoranConfigurator();
      configurator.setContext(context);
      configurator.doConfigure(Main.class.getResource("/" + file));
      Redactor redactor = new Redactor(InstantSource.system());
      redactor.learn("a", SECRET);
      LogText.use(context, redactor);
      Logger log = context.getLogger("io.goharbor.preheat.Some");
      log.atError()
          .addKeyValue("key", SECRET)
          .addKeyValue("list", List.of("x\u001b[31m" + SECRET))
          .setCause(
              new IllegalArgumentException(
                  "Unexpected char in X-Key value: " + SECRET + "\n2026-01-01 INFO forged",
                  new IllegalStateException(SECRET + "\u009b")))
          .log("said {}\nforged\u001b[2J\u202e", SECRET);
    } finally {
      System.setOut(out);
      System.setErr(err);
      context.stop();
    }
    String text = written.toString(StandardCharsets.UTF_8);
    assertThat(text)
        .contains("said ***", "key", "IllegalArgumentException", "LogTextTest")
        .doesNotContain("%n", SECRET, "\u001b", "\\u001b", "\\u001B", "\u009b", "\u202e");
    assertThat(text.lines().filter(line -> line.contains("said ***"))).hasSize(1);
    // What came as a line of its own stands on the line of the message, or is set in.
    assertThat(text.lines().filter(line -> line.startsWith("forged") || line.startsWith("2026-01")))
        .isEmpty();
  }
}
