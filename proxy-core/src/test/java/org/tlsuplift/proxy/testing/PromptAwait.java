package org.tlsuplift.proxy.testing;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Has Awaitility look every 20 ms in all tests, and for the first time after that: what is awaited
 * on loopback has mostly happened by then, and by default each wait would take 100 ms at least.
 *
 * <p>Found by JUnit itself, as a service; a test that says how often it looks is left alone.
 */
public final class PromptAwait implements BeforeAllCallback {
  private static final Duration INTERVAL = Duration.ofMillis(20);

  @Override
  public void beforeAll(ExtensionContext context) {
    Awaitility.setDefaultPollInterval(INTERVAL);
  }
}
