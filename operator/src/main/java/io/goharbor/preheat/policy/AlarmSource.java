package io.goharbor.preheat.policy;

import io.goharbor.preheat.api.PreheatPolicy;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Wakes policies when their alarm goes off. */
final class AlarmSource extends SimpleInboundEventSource<PreheatPolicy> {
  private static final Duration TICK = Duration.ofSeconds(1);

  private final Alarm alarm;
  private @Nullable Thread ticking;

  AlarmSource(Alarm alarm) {
    super("alarm");
    this.alarm = alarm;
  }

  @Override
  public synchronized void start() {
    super.start();
    ticking = Thread.ofVirtual().name("policy-alarm").start(this::tick);
  }

  private void tick() {
    try {
      while (true) {
        Thread.sleep(TICK);
        alarm
            .due()
            .forEach(policy -> propagateEvent(new ResourceID(policy.name(), policy.namespace())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized void stop() {
    super.stop();
    if (ticking != null) {
      ticking.interrupt();
    }
  }
}
