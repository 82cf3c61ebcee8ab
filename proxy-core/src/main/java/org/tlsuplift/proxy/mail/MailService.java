package org.tlsuplift.proxy.mail;

import java.util.Optional;
import org.tlsuplift.proxy.model.MailProtocol;

/**
 * How mail is spoken on both sides of a listener.
 *
 * @param protocol what is spoken
 * @param deviceTls how devices come to TLS
 * @param originTls how the origin comes to TLS
 * @param allowPlaintext whether a device may go on without TLS; with {@link DeviceTls#OPTIONAL}
 *     only. The origin's side is encrypted all the same
 */
public record MailService(
    MailProtocol protocol, DeviceTls deviceTls, OriginTls originTls, boolean allowPlaintext) {
  /** How a device comes to TLS. */
  public enum DeviceTls {
    /** It begins with TLS (RFC 8314). */
    IMPLICIT,
    /** It waits for a greeting and says STARTTLS or STLS (RFC 3207, RFC 9051, RFC 2595). */
    STARTTLS,
    /** Either. */
    OPTIONAL
  }

  /** How an origin comes to TLS. There is no third way: nothing is ever sent in plaintext. */
  public enum OriginTls {
    /** It begins with TLS (RFC 8314). */
    IMPLICIT,
    /** It greets, and takes STARTTLS or STLS. */
    STARTTLS
  }

  /** Refuses plaintext where it was not asked for. */
  public MailService {
    if (allowPlaintext && deviceTls != DeviceTls.OPTIONAL) {
      throw new IllegalArgumentException("plaintext is allowed with OPTIONAL only");
    }
  }

  /** What a well-known port stands for (the IANA registry; RFC 8314 section 7). */
  public static Optional<MailService> ofPort(int port) {
    return switch (port) {
      case 25, 587 -> Optional.of(startTls(MailProtocol.SMTP));
      case 465 -> Optional.of(implicit(MailProtocol.SMTP));
      case 143 -> Optional.of(startTls(MailProtocol.IMAP));
      case 993 -> Optional.of(implicit(MailProtocol.IMAP));
      case 110 -> Optional.of(startTls(MailProtocol.POP3));
      case 995 -> Optional.of(implicit(MailProtocol.POP3));
      default -> Optional.empty();
    };
  }

  private static MailService startTls(MailProtocol protocol) {
    return new MailService(protocol, DeviceTls.STARTTLS, OriginTls.STARTTLS, false);
  }

  private static MailService implicit(MailProtocol protocol) {
    return new MailService(protocol, DeviceTls.IMPLICIT, OriginTls.IMPLICIT, false);
  }
}
