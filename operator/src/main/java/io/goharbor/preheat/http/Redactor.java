package io.goharbor.preheat.http;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes values of Secrets out of text, in whatever form they came there. It is the last line of
 * defence: no message is meant to hold one. It knows the values that were read or minted within the
 * last hour, in bounded memory for each namespace; no one has to sign a value off.
 *
 * <p>Found are a value, its beginning from 16 characters on, and what URL encoding, Base64 (also
 * within Basic credentials) and JSON make of it. Values shorter than 6 characters, or of fewer than
 * 3 different ones, are not: they would blot out words. Whatever looks like a JSON Web Token goes
 * too, known or not.
 */
public final class Redactor {
  /** What is in place of a secret. */
  public static final String HIDDEN = "***";

  private static final Duration KEPT = Duration.ofHours(1);
  private static final int NAMESPACES = 2000;
  private static final int VALUES_OF_A_NAMESPACE = 256;

  /** A longer value is found by its beginning, a multi-line one by each of its lines. */
  private static final int LONGEST = 8 * 1024;

  private static final int LINES = 64;

  /** How often forms of values that are no longer known are dropped. */
  private static final Duration BETWEEN_SWEEPS = Duration.ofMinutes(5);

  /**
   * A value that is known.
   *
   * @param learned when it was last read
   */
  private record Known(List<Needle> forms, Instant learned) {}

  /** A map that drops what was used longest ago. */
  private static final class Recent<V> extends LinkedHashMap<String, V> {
    private static final long serialVersionUID = 1L;

    private final int most;

    Recent(int most) {
      super(16, 0.75f, true);
      this.most = most;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
      return size() > most;
    }
  }

  private final Map<String, Map<String, Known>> known = new Recent<>(NAMESPACES);
  private final InstantSource clock;
  private Instant swept;
  private volatile NeedleIndex index = new NeedleIndex();

  /**
   * Knows nothing yet.
   *
   * @param clock tells when a value is old enough to be forgotten
   */
  public Redactor(InstantSource clock) {
    this.clock = clock;
    this.swept = clock.instant();
  }

  /**
   * A value that must not be shown from now on. To be called each time that one is read: it is
   * forgotten an hour after the last time.
   *
   * @param namespace of the Secret; empty when it is no one's
   */
  public void learn(String namespace, String value) {
    // Found by its form; there is a new one for each repository and half hour.
    if (Needle.webToken(value, 0) != value.length()) {
      learnForms(namespace, value);
    }
  }

  private synchronized void learnForms(String namespace, String value) {
    Instant now = clock.instant();
    Map<String, Known> values =
        known.computeIfAbsent(namespace, ignored -> new Recent<>(VALUES_OF_A_NAMESPACE));
    String kept = value.length() <= LONGEST ? value : value.substring(0, LONGEST);
    Known before = values.get(kept);
    List<Needle> forms = before == null ? forms(namespace, kept) : before.forms();
    values.put(kept, new Known(forms, now));
    if (before == null) {
      index.add(forms);
    }
    if (!swept.plus(BETWEEN_SWEEPS).isAfter(now)) {
      swept = now;
      sweep(now.minus(KEPT));
    }
  }

  /** Knows from now on only what was read since. */
  private void sweep(Instant since) {
    NeedleIndex fresh = new NeedleIndex();
    known
        .values()
        .removeIf(values -> {
          values.values().removeIf(value -> value.learned().isBefore(since));
          values.values().forEach(value -> fresh.add(value.forms()));
          return values.isEmpty();
        });
    index = fresh;
  }

  /** A text for those who run the operator, such as a log line: without any known secret. */
  public String redact(String text) {
    return replace(text, null);
  }

  /**
   * A text for those who may read objects of a namespace. Of other namespaces only those secrets
   * are looked for that no one can guess, from 16 characters on and without spaces: else a tenant
   * could try out guesses and see which are blotted out, or blot out what others read with a Secret
   * that holds words.
   */
  public String redactFor(String namespace, String text) {
    return replace(text, namespace);
  }

  private String replace(String text, @Nullable String namespace) {
    NeedleIndex current = index;
    StringBuilder clean = null;
    int copied = 0;
    int at = 0;
    while (at + Needle.SHORTEST <= text.length()) {
      at = current.next(text, at);
      if (at < 0) {
        break;
      }
      int end = Math.max(current.end(text, at, namespace), Needle.webToken(text, at));
      if (end <= at) {
        at++;
        continue;
      }
      clean = clean == null ? new StringBuilder(text.length()) : clean;
      clean.append(text, copied, at).append(HIDDEN);
      copied = end;
      at = end;
    }
    return clean == null ? text : clean.append(text, copied, text.length()).toString();
  }

  private static List<Needle> forms(String namespace, String value) {
    // Every PEM text begins alike.
    List<Needle> forms =
        new ArrayList<>(value.startsWith("-----") ? List.of() : Needle.forms(namespace, value));
    int space = value.indexOf(' ');
    if (space > 0 && value.indexOf(' ', space + 1) < 0) {
      // As of "Bearer token": the second word is the secret.
      forms.addAll(Needle.forms(namespace, value.substring(space + 1)));
    }
    if (value.indexOf('\n') >= 0) {
      value
          .lines()
          .map(String::strip)
          .filter(line -> line.length() >= Needle.UNGUESSABLE && !line.startsWith("-----"))
          .limit(LINES)
          .forEach(line -> forms.addAll(Needle.forms(namespace, line)));
    }
    return List.copyOf(forms);
  }
}
