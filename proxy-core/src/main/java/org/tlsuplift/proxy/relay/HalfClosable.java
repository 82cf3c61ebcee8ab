package org.tlsuplift.proxy.relay;

/** A channel without a socket whose output can end before its input. */
public interface HalfClosable {
  /** Nothing more is written. All earlier writes have completed. */
  void outputEnded();
}
