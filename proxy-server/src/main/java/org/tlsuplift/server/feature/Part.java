package org.tlsuplift.server.feature;

import org.tlsuplift.proxy.context.ListenerSpec;

/**
 * The part of a feature that lives as long as one configuration. Only {@link #contribute} may be
 * called before {@link #commit}. None of these methods fails.
 */
public interface Part {
  /** What the feature gives a listener. */
  default ListenerSpec contribute(ListenerSpec listener) {
    return listener;
  }

  /** New sessions use this configuration from now on. */
  void commit();

  /**
   * New sessions use the next configuration, whose part is committed now; earlier ones use this.
   */
  default void supersede() {}

  /** No session uses this configuration now, and none will. */
  default void release() {}
}
