package org.tlsuplift.proxy.signin;

import java.util.List;

/**
 * What a known device may do.
 *
 * @param mailbox the address that it is signed in as at the origin
 * @param allowedSenders what it may send in MAIL FROM: addresses, or {@code @domain} for a whole
 *     domain, in lower case, or {@code <>} for no sender; empty if the origin alone decides
 */
public record MailAccount(String mailbox, List<String> allowedSenders) {
  public MailAccount {
    allowedSenders = List.copyOf(allowedSenders);
  }
}
