package org.tlsuplift.proxy.model;

/** The direction of bytes through a session. */
public enum Direction implements Labelled {
  /** From the device to the origin. */
  UP,
  /** From the origin to the device. */
  DOWN;
}
