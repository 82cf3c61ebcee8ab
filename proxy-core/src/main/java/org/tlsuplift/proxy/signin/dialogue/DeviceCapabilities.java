package org.tlsuplift.proxy.signin.dialogue;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.MailProtocol;

/**
 * What a device is told can be done here before it has signed in. Pure.
 *
 * <p>It goes on with the origin afterwards, believing what it was told: so it is what the origin
 * can do, but for how to sign in, which is our part. As long as no origin has been asked, it is
 * only what every origin can do.
 */
public final class DeviceCapabilities {
  /**
   * What is not passed on of SMTP: TLS is there, and a message must begin with lines that can be
   * read (RFC 3030 for CHUNKING).
   */
  public static final Set<String> NOT_SMTP =
      Set.of("STARTTLS", "AUTH", "CHUNKING", "BINARYMIME", "BURL", "XCLIENT", "XFORWARD", "ETRN");

  private static final Set<String> NOT_IMAP = Set.of("STARTTLS", "LOGINDISABLED", "SASL-IR");

  private static final Set<String> NOT_POP3 = Set.of("STLS", "SASL", "USER");

  private DeviceCapabilities() {}

  /**
   * The list, each in the protocol's words.
   *
   * @param ofOrigin what the origin could do before the sign-in when it was asked last, or null
   */
  public static List<String> of(MailProtocol protocol, @Nullable List<String> ofOrigin) {
    return switch (protocol) {
      case SMTP -> list(ofOrigin, List.of(), NOT_SMTP, List.of("AUTH PLAIN LOGIN"));
      case IMAP ->
          list(
              ofOrigin,
              List.of("IMAP4rev1"),
              NOT_IMAP,
              List.of("SASL-IR", "AUTH=PLAIN", "AUTH=LOGIN"));
      case POP3 ->
          list(ofOrigin, List.of("TOP", "UIDL"), NOT_POP3, List.of("USER", "SASL PLAIN LOGIN"));
    };
  }

  private static List<String> list(
      @Nullable List<String> ofOrigin, List<String> always, Set<String> hidden, List<String> ours) {
    List<String> told = new ArrayList<>();
    for (String capability : ofOrigin == null ? always : ofOrigin) {
      String keyword = capability.split("[ =]", 2)[0].toUpperCase(Locale.ROOT);
      // IMAP's is AUTH=PLAIN, and some say AUTH=LOGIN in SMTP.
      if (!hidden.contains(keyword) && !keyword.equals("AUTH")) {
        told.add(capability);
      }
    }
    told.addAll(ours);
    return List.copyOf(told);
  }
}
