package org.tlsuplift.proxy.testing;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.TestAbortedException;

/**
 * Skips a test whose failure has a missing peer as its cause, because a worker thread needed that
 * peer: its exception reaches JUnit inside others, such as an ExecutionException.
 *
 * <p>JUnit loads this class as a service.
 */
public final class MissingPeers
    implements TestExecutionExceptionHandler, LifecycleMethodExecutionExceptionHandler {
  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw unwrapped(failure);
  }

  @Override
  public void handleBeforeAllMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw unwrapped(failure);
  }

  @Override
  public void handleBeforeEachMethodExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    throw unwrapped(failure);
  }

  /** The abort among the causes of a failure, or the failure itself. */
  static Throwable unwrapped(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof TestAbortedException) {
        return each;
      }
    }
    return failure;
  }
}
