package org.tlsuplift.proxy.model;

/** The direction of bytes through a session: up to the origin, down to the device. */
public enum Direction implements Labelled {
  UP,
  DOWN;
}
