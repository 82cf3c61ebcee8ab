package org.tlsuplift.server.graph;

import com.github.benmanes.caffeine.cache.Cache;
import java.util.Locale;
import org.tlsuplift.server.mail.OutgoingMessage;
import org.tlsuplift.server.mail.Transport;

/**
 * Sends by SMTP, and by Graph while Microsoft says that SMTP AUTH is switched off.
 *
 * @param switchedOff the mailboxes without SMTP AUTH, for as long as the cache remembers
 */
public record AutoTransport(Transport smtp, Transport graph, Cache<String, Boolean> switchedOff)
    implements Transport {
  /**
   * In {@code 535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the
   * Tenant} or {@code Mailbox}. Other refusals have the same code.
   */
  private static final String DISABLED = "smtpclientauthentication is disabled";

  @Override
  public Result send(OutgoingMessage message, String header, Content content)
      throws InterruptedException {
    String mailbox = message.envelope().account().toLowerCase(Locale.ROOT);
    if (switchedOff.getIfPresent(mailbox) == null) {
      Result result = smtp.send(message, header, content);
      // The sign-in was refused, so that no recipient has got the message.
      if (!result.accepted().isEmpty()
          || !result.toString().toLowerCase(Locale.ROOT).contains(DISABLED)) {
        return result;
      }
      switchedOff.put(mailbox, true);
    }
    return graph.send(message, header, content);
  }
}
