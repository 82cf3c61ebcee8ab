package org.tlsuplift.proxy.context;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailPolicy;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.signin.SignIn;

/**
 * What a listener does with mail.
 *
 * @param service the settings of a fixed origin, or null for other protocols; on other listeners
 *     the target's port decides
 * @param policy the rules for the messages of SMTP devices, or null for none; devices with rules
 *     are always bridged
 * @param signIn signs devices in to the origin, or null if they sign in themselves; only for mail
 *     with a fixed origin, and only under TLS unless plaintext mail is allowed
 * @param destination where the messages of devices go; the origin alone, except for SMTP with a
 *     fixed origin
 */
public record ListenerMail(
    @Nullable MailService service,
    @Nullable MailPolicy policy,
    @Nullable SignIn signIn,
    MailDestination destination) {
  public static final ListenerMail NONE = of(null, null);

  /** For devices that sign in themselves, and whose messages go to the origin. */
  public static ListenerMail of(@Nullable MailService service, @Nullable MailPolicy policy) {
    return new ListenerMail(service, policy, null, MailDestination.ORIGIN);
  }

  public ListenerMail signingIn(SignIn by) {
    return new ListenerMail(service, policy, by, destination);
  }

  public ListenerMail sendingTo(MailDestination other) {
    return new ListenerMail(service, policy, signIn, other);
  }

  /** Whether devices get replies to mail commands before their origin is dialled. */
  public boolean answersFirst() {
    return signIn != null || destination.answersFirst();
  }

  /** The rules for messages; {@link MailPolicy#NONE} if there are none. */
  public MailPolicy rules() {
    return policy == null ? MailPolicy.NONE : policy;
  }

  void check(boolean fixedOrigin) {
    if (signIn != null && (service == null || !fixedOrigin)) {
      throw new IllegalArgumentException(
          "got signIn on a listener without mail or without a fixed origin; expected both");
    }
    boolean smtp = service != null && service.protocol() == MailProtocol.SMTP;
    if (destination != MailDestination.ORIGIN && !(smtp && fixedOrigin)) {
      throw new IllegalArgumentException(
          "got a server for mail on a listener without SMTP or without a fixed origin; expected both");
    }
  }
}
