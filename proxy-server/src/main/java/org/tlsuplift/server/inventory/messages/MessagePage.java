package org.tlsuplift.server.inventory.messages;

import java.util.List;

/**
 * One page of messages, the latest first.
 *
 * @param total the number of matching messages on all pages
 */
public record MessagePage(List<StoredMessage> messages, long total) {
  public MessagePage {
    messages = List.copyOf(messages);
  }
}
