package org.tlsuplift.server.notify;

/** A receiver of notifications. Blocks; called by one thread at a time. */
public interface Delivery {
  /** The label of its counters. */
  Channel channel();

  /** Where notifications go, for a person. */
  String target();

  /**
   * Sends a notification once.
   *
   * @throws NotDeliveredException if the receiver did not accept it
   */
  void send(Notification notification) throws NotDeliveredException;

  /** The kinds of receivers. */
  enum Channel {
    SMTP("smtp"),
    WEBHOOK("webhook");

    private final String label;

    Channel(String label) {
      this.label = label;
    }

    public String label() {
      return label;
    }
  }

  /** A receiver did not accept a notification; the message is one line, without secrets. */
  final class NotDeliveredException extends Exception {
    private static final long serialVersionUID = 1L;

    NotDeliveredException(String message) {
      super(message);
    }
  }
}
