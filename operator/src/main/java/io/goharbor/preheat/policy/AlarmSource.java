package io.goharbor.preheat.policy;

import io.goharbor.preheat.api.PreheatPolicy;
import io.goharbor.preheat.supervision.Loop;
import io.goharbor.preheat.supervision.Supervisor;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Wakes policies when their alarm goes off. */
final class AlarmSource extends SimpleInboundEventSource<PreheatPolicy> {
  private static final Duration TICK = Duration.ofSeconds(1);

  private static final Duration WITHIN = Duration.ofSeconds(30);

  private final Alarm alarm;
  private final Supervisor supervisor;
  private @Nullable Loop ticking;

  AlarmSource(Alarm alarm, Supervisor supervisor) {
    super("alarm");
    this.alarm = alarm;
    this.supervisor = supervisor;
  }

  @Override
  public synchronized void start() {
    super.start();
    ticking = supervisor.every("policy-alarm", TICK, WITHIN, this::tick);
  }

  private void tick() {
    alarm
        .due()
        .forEach(policy -> propagateEvent(new ResourceID(policy.name(), policy.namespace())));
  }

  @Override
  public synchronized void stop() {
    super.stop();
    if (ticking != null) {
      ticking.close();
    }
  }
}
