package org.tlsuplift.proxy.signin;

import java.util.List;

/**
 * The rights of a known device.
 *
 * @param mailbox the address that the device is signed in as at the origin
 * @param allowedSenders the allowed senders in MAIL FROM, in lower case: addresses, {@code @domain}
 *     for a whole domain, or {@code <>} for no sender; empty if only the origin decides
 */
public record MailAccount(String mailbox, List<String> allowedSenders) {
  public MailAccount {
    allowedSenders = List.copyOf(allowedSenders);
  }
}
