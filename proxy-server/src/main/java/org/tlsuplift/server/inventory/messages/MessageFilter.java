package org.tlsuplift.server.inventory.messages;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.tlsuplift.proxy.model.MessageOutcome;

/**
 * Selects messages. Texts match any part, ignoring case; empty texts match all messages.
 *
 * @param sender text in the envelope sender or the account
 * @param recipient text in a recipient; an address also matches its domain where only domains are
 *     stored
 * @param device an address, an address block such as {@code 10.1.2.0/24}, or text in the device's
 *     name
 * @param listener only messages of this listener
 * @param outcomes only these; empty for all
 * @param from inclusive
 * @param to exclusive
 */
public record MessageFilter(
    String sender,
    String recipient,
    String device,
    Optional<String> listener,
    Set<MessageOutcome> outcomes,
    Optional<Instant> from,
    Optional<Instant> to) {
  public static final MessageFilter ALL =
      new MessageFilter("", "", "", Optional.empty(), Set.of(), Optional.empty(), Optional.empty());

  /** The longest text. */
  public static final int MAX_TEXT = 320;

  public MessageFilter {
    outcomes = Set.copyOf(outcomes);
  }

  /** Only messages of one device. */
  public static MessageFilter ofDevice(String address) {
    return new MessageFilter(
        "", "", address, Optional.empty(), Set.of(), Optional.empty(), Optional.empty());
  }
}
