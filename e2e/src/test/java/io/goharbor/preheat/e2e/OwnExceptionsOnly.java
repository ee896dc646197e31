package io.goharbor.preheat.e2e;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Awaitility takes uncaught exceptions of all threads for those of whoever waits. With suites side
 * by side these are those of another one, such as of a simulator that it has just closed.
 */
public final class OwnExceptionsOnly implements BeforeAllCallback {
  @Override
  public void beforeAll(ExtensionContext context) {
    Awaitility.doNotCatchUncaughtExceptionsByDefault();
  }
}
