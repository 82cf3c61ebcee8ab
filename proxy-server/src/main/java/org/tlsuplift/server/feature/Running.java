package org.tlsuplift.server.feature;

import java.time.Duration;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.process.OpenedResources;

/**
 * The part of a feature that lives as long as the process. The daemon prepares all features, gives
 * the proxy what they contribute, which is the last step that may fail, and then commits in the
 * order of the list. One thread calls these methods, each of which may block.
 *
 * @param <C> what the configuration says about the feature
 */
public interface Running<C> {
  /**
   * Opens what a checked configuration needs, without an effect outside.
   *
   * @param undo gets what must be closed if that configuration is not used
   */
  Part prepare(C section, OpenedResources undo) throws OperatorException;

  /** Begins to work, after the first commit: the ports accept connections. */
  void start();

  /** Finishes the work that has begun, and begins no more. Sessions may still use the feature. */
  void drain(Duration limit);

  /** Closes everything, after the last session. */
  void close();
}
