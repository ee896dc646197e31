package io.goharbor.preheat.provider;

import io.goharbor.preheat.api.Reason;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The outcome of a probe. */
public sealed interface Health {
  /**
   * The system can be used.
   *
   * @param version its version, or null when it cannot be told
   * @param notices what people should know of it
   */
  record Usable(@Nullable String version, Set<Capability> capabilities, List<Notice> notices)
      implements Health {
    /** Usable, and nothing to say about it. */
    public Usable(@Nullable String version, Set<Capability> capabilities) {
      this(version, capabilities, List.of());
    }
  }

  /**
   * The system cannot be used.
   *
   * @param reachable whether it answered at all
   */
  record Unusable(Reason reason, String message, boolean reachable) implements Health {}

  /** The capabilities, when the system is usable. */
  default Optional<Set<Capability>> known() {
    return this instanceof Usable usable ? Optional.of(usable.capabilities()) : Optional.empty();
  }
}
