package io.goharbor.preheat.ingest;

import io.goharbor.preheat.kube.ObjectKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/** What the webhook server needs to know of registries. */
@FunctionalInterface
public interface WebhookCredentials {
  /** Finds the hook of a registry; does not throw. */
  WebhookCredential find(ObjectKey registry);

  /** What was found. */
  sealed interface WebhookCredential {
    /** The registry takes events that carry the expected value. */
    record Open(ExpectedAuthorization expected) implements WebhookCredential {}

    /**
     * There is no such registry, or it takes no events.
     *
     * @param why a sentence for the log; the caller is not told, or names could be guessed
     */
    record Absent(String why) implements WebhookCredential {}

    /**
     * It cannot be told now, so that the caller should come again.
     *
     * @param why a sentence for the log
     */
    record Unavailable(String why) implements WebhookCredential {}
  }

  /** The value of the Authorization header that Harbor must send; it never shows itself. */
  final class ExpectedAuthorization {
    /** What nothing matches: a header that is missing is empty, and no header has a line break. */
    static final ExpectedAuthorization NONE = new ExpectedAuthorization("\n");

    private final byte[] hash;

    /** Expects the given value, to the letter. */
    public ExpectedAuthorization(String value) {
      this.hash = hash(value);
    }

    /**
     * Whether it is the expected value. Hashes are compared, so that the time tells neither the
     * content nor the length, nor whether there was a value at all.
     */
    boolean matches(@Nullable String presented) {
      boolean same = MessageDigest.isEqual(hash, hash(presented == null ? "" : presented));
      // Else an empty Secret would let in who sends nothing.
      return same && presented != null;
    }

    private static byte[] hash(String text) {
      try {
        return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public String toString() {
      return "ExpectedAuthorization[hidden]";
    }
  }
}
