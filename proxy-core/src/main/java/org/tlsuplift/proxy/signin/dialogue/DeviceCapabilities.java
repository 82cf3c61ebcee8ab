package org.tlsuplift.proxy.signin.dialogue;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.guard.GuardedCapabilities;
import org.tlsuplift.proxy.model.MailProtocol;

/**
 * The capabilities that a device gets before it has signed in. Stateless.
 *
 * <p>The device later relies on them in its session with the origin. So they are the origin's,
 * except for the ways to sign in, which are this proxy's. Before the first sign-in they are the
 * capabilities that every origin has.
 */
public final class DeviceCapabilities {
  private static final Set<String> NOT_IMAP = Set.of("STARTTLS", "LOGINDISABLED", "SASL-IR");

  private static final Set<String> NOT_POP3 = Set.of("STLS", "SASL", "USER");

  private DeviceCapabilities() {}

  /**
   * The list, with each entry in the syntax of the protocol.
   *
   * @param ofOrigin the origin's list before its latest sign-in, or null
   */
  public static List<String> of(MailProtocol protocol, @Nullable List<String> ofOrigin) {
    return switch (protocol) {
      case SMTP ->
          list(
              ofOrigin,
              List.of(),
              GuardedCapabilities.HIDDEN_AFTER_SIGN_IN,
              List.of("AUTH PLAIN LOGIN"));
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
    List<String> listed = new ArrayList<>();
    for (String capability : ofOrigin == null ? always : ofOrigin) {
      String keyword = capability.split("[ =]", 2)[0].toUpperCase(Locale.ROOT);
      // IMAP has AUTH=PLAIN, and some SMTP servers have AUTH=LOGIN.
      if (!hidden.contains(keyword) && !keyword.equals("AUTH")) {
        listed.add(capability);
      }
    }
    listed.addAll(ours);
    return List.copyOf(listed);
  }
}
