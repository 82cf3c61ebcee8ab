package org.tlsuplift.proxy.mail;

import java.util.Optional;
import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.proxy.model.MailProtocol;

/**
 * The mail settings of both sides of a listener.
 *
 * @param allowPlaintext whether a device may continue without TLS; only with {@link
 *     DeviceTls#OPTIONAL}. The connection to the origin is always encrypted.
 */
public record MailService(
    MailProtocol protocol, DeviceTls deviceTls, OriginTls originTls, boolean allowPlaintext) {
  /** The way in which a device starts TLS. */
  public enum DeviceTls implements Labelled {
    /** At once (RFC 8314). */
    IMPLICIT,
    /** After the greeting, with STARTTLS or STLS (RFC 3207, RFC 9051, RFC 2595). */
    STARTTLS,
    OPTIONAL
  }

  /** The way in which an origin starts TLS. There is no plaintext, because none is ever sent. */
  public enum OriginTls implements Labelled {
    /** At once (RFC 8314). */
    IMPLICIT,
    /** After its greeting, with STARTTLS or STLS. */
    STARTTLS
  }

  public MailService {
    if (allowPlaintext && deviceTls != DeviceTls.OPTIONAL) {
      throw new IllegalArgumentException(
          "got allowPlaintext with " + deviceTls + "; expected OPTIONAL");
    }
  }

  /** The usual settings of a well-known port (IANA registry; RFC 8314 section 7). */
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
