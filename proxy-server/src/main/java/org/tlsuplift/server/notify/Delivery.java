package org.tlsuplift.server.notify;

import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.proxy.outcome.OperatorException;

/** A receiver of notifications. Blocks; called by one thread at a time. */
public interface Delivery {
  /** The label of its counters. */
  Channel channel();

  /** Where notifications go, for a person. */
  String target();

  /**
   * Sends a notification once.
   *
   * @throws OperatorException if the receiver did not accept it; the message has no secrets
   */
  void send(Notification notification) throws OperatorException;

  /** The kinds of receivers. */
  enum Channel implements Labelled {
    SMTP,
    WEBHOOK
  }
}
