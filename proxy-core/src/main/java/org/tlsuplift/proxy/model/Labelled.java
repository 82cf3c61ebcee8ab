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

  /** The value with this label, or the other one for a label that only another version knows. */
  static <E extends Labelled> E of(String label, E[] values, E other) {
    for (E value : values) {
      if (value.label().equals(label)) {
        return value;
      }
    }
    return other;
  }

  /** The same, with a dash between words. */
  interface WithDashes extends Labelled {
    @Override
    default String label() {
      return Labelled.super.label().replace('_', '-');
    }
  }
}
