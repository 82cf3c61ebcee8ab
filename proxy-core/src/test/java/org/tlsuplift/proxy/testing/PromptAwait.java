package org.tlsuplift.proxy.testing;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Makes Awaitility poll every 20 ms in all tests, because on loopback most conditions are true by
 * then. With the default each wait would take at least 100 ms. A condition has a minute to become
 * true, so that no test depends on the speed of the machine.
 *
 * <p>JUnit loads this class as a service. Tests with their own poll interval are not affected.
 */
public final class PromptAwait implements BeforeAllCallback {
  private static final Duration INTERVAL = Duration.ofMillis(20);
  private static final Duration LIMIT = Duration.ofMinutes(1);

  @Override
  public void beforeAll(ExtensionContext context) {
    Awaitility.setDefaultPollInterval(INTERVAL);
    Awaitility.setDefaultTimeout(LIMIT);
  }
}
