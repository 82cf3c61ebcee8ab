package org.tlsuplift.proxy.model;

import java.util.Locale;

/**
 * An enum whose values have their own names, in lower case, in metrics, logs and the configuration.
 */
public interface Labelled {
  /** Implemented by every enum. */
  String name();

  /** The value of the metric tag, the log field and the configuration. */
  default String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The same, with a dash between words. */
  interface WithDashes extends Labelled {
    @Override
    default String label() {
      return Labelled.super.label().replace('_', '-');
    }
  }
}
