package org.tlsuplift.proxy.model;

import java.util.Locale;

/** The way bytes travel through a session. */
public enum Direction {
  /** From the device to the origin. */
  UP,
  /** From the origin to the device. */
  DOWN;

  /** The value of the metric tag. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
