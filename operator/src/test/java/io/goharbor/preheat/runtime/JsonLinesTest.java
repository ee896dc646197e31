package io.goharbor.preheat.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

class JsonLinesTest {
  private final LoggerContext context = new LoggerContext();
  private final LogbackMDCAdapter mdc = new LogbackMDCAdapter();
  private final ListAppender<ILoggingEvent> events = new ListAppender<>();
  private final JsonLines lines = new JsonLines();
  private final Logger log = context.getLogger("io.goharbor.preheat.Some");

  @BeforeEach
  void start() {
    context.setMDCAdapter(mdc);
    events.setContext(context);
    events.start();
    context.getLogger("root").addAppender(events);
    context.getLogger("root").setLevel(Level.INFO);
    lines.start();
  }

  @Test
  void fields_stand_at_the_top_in_types_of_json() throws IOException {
    mdc.put("resource.kind", "PreheatExecution");
    mdc.put("resource.name", "run-1");
    mdc.put("resource.namespace", "shop");
    mdc.put("resource.uid", "not told");
    log.atWarn()
        .addKeyValue("provider", "p2p/eu")
        .addKeyValue("digest", "sha256:abc")
        .addKeyValue("tasks", 3)
        .addKeyValue("ready", false)
        .addKeyValue("executions", List.of("a/b", "c/d"))
        .addKeyValue("policy", "")
        .addKeyValue("level", "cannot be replaced")
        .log("Task ended: {}", "said \"no\"\nand more");
    JsonNode json = one();
    assertThat(json.properties())
        .extracting(field -> field.getKey() + "=" + field.getValue())
        .filteredOn(field -> !field.startsWith("time="))
        .containsExactly(
            "level=\"WARN\"",
            "logger=\"io.goharbor.preheat.Some\"",
            "message=\"Task ended: said \\\"no\\\" and more\"",
            "provider=\"p2p/eu\"",
            "digest=\"sha256:abc\"",
            "tasks=3",
            "ready=false",
            "executions=[\"a/b\",\"c/d\"]",
            "kind=\"PreheatExecution\"",
            "namespace=\"shop\"",
            "name=\"run-1\"");
    assertThat(json.path("time").asText()).matches("\\d{4}-\\d\\d-\\d\\dT.*Z");
  }

  @Test
  void an_error_brings_its_trace_and_stays_one_line() throws IOException {
    log.atError().setCause(new IllegalStateException("why")).log("Failed");
    assertThat(one().path("error").asText())
        .startsWith("java.lang.IllegalStateException: why")
        .contains("JsonLinesTest");
  }

  private JsonNode one() throws IOException {
    assertThat(events.list).hasSize(1);
    String text = new String(lines.encode(events.list.getFirst()), StandardCharsets.UTF_8);
    assertThat(text).endsWith("}\n");
    assertThat(text.strip()).doesNotContain("\n");
    return new ObjectMapper().readTree(text);
  }
}
