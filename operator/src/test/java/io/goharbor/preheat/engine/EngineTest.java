package io.goharbor.preheat.engine;

import static io.goharbor.preheat.engine.TestTasks.works;
import static org.assertj.core.api.Assertions.assertThat;

import io.goharbor.preheat.api.P2PProviderSpec;
import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.api.builder.P2PProviderSpecBuilder;
import io.goharbor.preheat.kube.ObjectKey;
import io.goharbor.preheat.provider.Health;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an execution states reaches each provider in use. */
class EngineTest {
  private static final ObjectKey EU = new ObjectKey("team", "eu");
  private static final ObjectKey US = new ObjectKey("team", "us");
  private static final ObjectKey RUN = new ObjectKey("team", "run");

  private final TestTasks tasks = new TestTasks();
  private final ScriptedDriver driver = new ScriptedDriver();
  private final Engine engine = new Engine(tasks, tasks, Runnable::run, provider -> provider);

  @BeforeEach
  void open() {
    for (ObjectKey key : List.of(EU, US)) {
      engine.use(key, driver, spec(1)).probe();
    }
  }

  @Test
  void with_a_provider_that_is_not_named_it_has_nothing_any_more() {
    assertThat(
            engine.sync(
                RUN,
                Map.of(EU, wants(RUN, works(RUN, "e", 2)), US, wants(RUN, works(RUN, "u", 2)))))
        .hasSize(2)
        .allSatisfy((key, answers) ->
            assertThat(answers).hasSize(2).first().isInstanceOf(Admission.Granted.class));
    assertThat(engine.mostWaiting()).isOne();

    assertThat(engine.sync(RUN, Map.of(EU, wants(RUN, works(RUN, "e", 1)))).get(US)).isEmpty();

    assertThat(used(EU).running()).isOne();
    assertThat(used(US).running()).isZero();
    assertThat(used(US).queued()).isZero();

    engine.sync(RUN, Map.of());
    assertThat(used(EU).running()).isZero();
    assertThat(engine.mostWaiting()).isZero();
  }

  @Test
  void a_provider_that_is_not_in_use_admits_nothing() {
    ObjectKey none = new ObjectKey("team", "none");
    assertThat(engine.sync(RUN, Map.of(none, wants(RUN, works(RUN, "t", 1)))))
        .doesNotContainKey(none);
    assertThat(engine.find(none)).isEmpty();
  }

  @Test
  void one_that_cannot_be_opened_is_held() {
    ObjectKey broken = new ObjectKey("team", "broken");
    engine.hold(broken, new Health.Unusable(Reason.SECRET_NOT_FOUND, "no Secret", false));
    assertThat(engine.sync(RUN, Map.of(broken, wants(RUN, works(RUN, "t", 1)))).get(broken))
        .singleElement()
        .isInstanceOf(Admission.Wait.class);
    assertThat(used(broken).wasProbed()).isTrue();
  }

  @Test
  void one_that_was_deleted_is_closed() {
    engine.close(EU);
    assertThat(driver.closed).isTrue();
    assertThat(engine.find(EU)).isEmpty();
    engine.close(EU);
    engine.close();
    assertThat(engine.find(US)).isEmpty();
  }

  private ManagedProvider used(ObjectKey key) {
    return engine.find(key).orElseThrow();
  }

  private static Demand wants(ObjectKey execution, List<Work> wanted) {
    return new Demand(execution, execution, 0, TestTasks.BEGIN, wanted, List.of());
  }

  private static P2PProviderSpec spec(int slots) {
    return P2PProviderSpecBuilder.builder()
        .type(P2PProviderSpec.Type.KRAKEN)
        .limits(new P2PProviderSpec.Limits(slots, null))
        .build();
  }
}
