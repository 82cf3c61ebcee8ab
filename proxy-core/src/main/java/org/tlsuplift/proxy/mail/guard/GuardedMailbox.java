package org.tlsuplift.proxy.mail.guard;

import java.util.List;
import java.util.function.Supplier;
import org.tlsuplift.proxy.model.Permit;

/**
 * The mailbox of a device that this proxy signed in.
 *
 * @param address the address that the device is signed in as at the origin
 * @param allowedSenders the allowed senders in MAIL FROM, in lower case: addresses, {@code @domain}
 *     for a whole domain, or {@code <>} for no sender; empty if only the origin decides
 * @param messages requests the permit for one more message
 */
public record GuardedMailbox(
    String address, List<String> allowedSenders, Supplier<Permit> messages) {
  public GuardedMailbox {
    allowedSenders = List.copyOf(allowedSenders);
  }
}
