package org.tlsuplift.server.it.matrix;

import java.util.OptionalInt;

/** What became of one device at one server. */
sealed interface MatrixCell {
  /**
   * Application data came back.
   *
   * @param agreed version and suite, as the device says them
   */
  record Served(String agreed) implements MatrixCell {
    @Override
    public String toString() {
      return agreed;
    }
  }

  /**
   * The server took nothing of what was offered.
   *
   * @param alert what it said; empty if it just closed
   */
  record Refused(OptionalInt alert) implements MatrixCell {
    static Refused with(int alert) {
      return new Refused(OptionalInt.of(alert));
    }

    @Override
    public String toString() {
      return "refused";
    }
  }

  /** The server answered the hello, but it came to nothing. */
  record BrokenOff() implements MatrixCell {
    @Override
    public String toString() {
      return "breaks off";
    }
  }
}
