package org.tlsuplift.proxy.mail;

import java.net.InetAddress;
import java.util.List;

/**
 * The envelope of a message.
 *
 * @param account the mailbox of a device that this proxy signed in, otherwise empty
 * @param sender empty for the null sender {@code <>}
 * @param recipients at least one, each as the device sent it, without the angle brackets
 * @param utf8 whether the device used SMTPUTF8 (RFC 6531)
 */
public record MessageEnvelope(
    String listener,
    InetAddress device,
    String account,
    String sender,
    List<String> recipients,
    boolean utf8) {
  public MessageEnvelope {
    recipients = List.copyOf(recipients);
  }
}
