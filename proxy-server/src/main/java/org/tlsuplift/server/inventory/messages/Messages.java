package org.tlsuplift.server.inventory.messages;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;

/** Answers queries about stored messages. All methods block. Thread-safe. */
public interface Messages {
  /** The largest page. */
  int MAX_LIMIT = 1000;

  /**
   * One page of messages, the latest first.
   *
   * @param offset the number of messages to skip
   * @param limit 1 to {@value #MAX_LIMIT}
   */
  MessagePage page(MessageFilter filter, int offset, int limit) throws SQLException;

  /**
   * Reads matching messages, the latest first, some hundred at a time. A slow consumer therefore
   * holds no connection. Messages that arrive meanwhile are left out.
   *
   * @param most the largest number of messages to read
   */
  void forEach(MessageFilter filter, long most, MessageConsumer consumer)
      throws SQLException, IOException;

  /** The devices that sent regularly and have stopped, the longest silence first. */
  List<SilentSender> silentSenders(Instant now) throws SQLException;

  /** Receives messages one by one. */
  @FunctionalInterface
  interface MessageConsumer {
    /**
     * @throws IOException if the message cannot be written
     */
    void accept(StoredMessage message) throws IOException;
  }
}
