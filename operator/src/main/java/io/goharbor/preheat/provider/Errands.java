package io.goharbor.preheat.provider;

import io.goharbor.preheat.api.Reason;
import io.goharbor.preheat.http.FailureClass;
import io.goharbor.preheat.http.RemoteCallException;

/** Does errands with a driver, and tells the health of its lane how they went. */
final class Errands {
  private final LaneHealth health;
  private final Runnable evicting;

  /**
   * Errands of a lane.
   *
   * @param evicting called before something is evicted
   */
  Errands(LaneHealth health, Runnable evicting) {
    this.health = health;
    this.evicting = evicting;
  }

  /** Does one; whatever happens, the outcome is a value. */
  Submission attempt(P2PDriver driver, OrderSource source, Errand errand) {
    PreheatOrder order;
    try {
      order = source.get();
    } catch (RemoteCallException e) {
      // Harbor's trouble, not the provider's.
      return e.failureClass() == FailureClass.PERMANENT
          ? new Submission.Refused(e.reason(), e.describe())
          : new Submission.NotNow(
              e.reason(),
              e.describe(),
              e.retryAfter().orElse(null),
              false,
              e.failureClass() == FailureClass.WAIT || e.status() == 0);
    }
    Submission outcome;
    try {
      outcome = run(driver, order, errand);
    } catch (RuntimeException e) {
      outcome = new Submission.Unknown("the driver failed: " + e);
    }
    if (outcome instanceof Submission.NotNow notNow && notNow.providerFault()) {
      health.failure(notNow.reason(), notNow.message());
    } else {
      health.success();
    }
    return outcome;
  }

  private Submission run(P2PDriver driver, PreheatOrder order, Errand errand) {
    return switch (errand) {
      case SUBMIT -> driver.submit(order);
      case ADOPT -> driver.adopt(order);
      case VERIFY ->
          switch (driver.verify(order)) {
            case Finding.Known known ->
                new Submission.Concluded(new Observation.Finished(known.warmth()));
            case Finding.CannotTell no ->
                new Submission.Refused(Reason.NOT_SUPPORTED, no.message());
            case Finding.NoAnswer no ->
                new Submission.NotNow(no.reason(), no.message(), null, false, true);
          };
      case EVICT -> {
        evicting.run();
        yield switch (driver.evict(order)) {
          case Eviction.Evicted evicted ->
              new Submission.Concluded(new Observation.Evicted(evicted.copies()));
          case Eviction.Incomplete some ->
              new Submission.NotNow(Reason.JOB_FAILED, some.message(), null, false, false);
          case Eviction.NotOffered no -> new Submission.Refused(Reason.NOT_SUPPORTED, no.message());
          case Eviction.NoAnswer no ->
              new Submission.NotNow(no.reason(), no.message(), null, false, true);
        };
      }
    };
  }
}
