package org.tlsuplift.proxy.context;

import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.Permit;
import org.tlsuplift.proxy.outcome.SignInOutcome;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;

/**
 * Where the mail of a listener's devices goes: to the origin, which is the default of each method,
 * or to a server of this proxy in place of it. Each method is called on the event loop of the
 * session.
 */
public interface MailDestination {
  MailDestination ORIGIN = new MailDestination() {};

  /** Whether devices get replies to mail commands before their origin is dialled. */
  default boolean answersFirst() {
    return false;
  }

  /** The capabilities before the origin is dialled; null if they are unknown. */
  default @Nullable List<String> capabilities(SessionContext context) {
    return context.services().learntCapabilities().of(context.spec().name());
  }

  /**
   * Connects a device that this proxy does not sign in; empty if its session dials the origin.
   *
   * @param greets whether the device waits for a greeting
   */
  default Optional<Future<OriginConnection>> dial(
      SessionContext context,
      MailService mail,
      HostPort target,
      RouteDecision.Bridge bridge,
      boolean greets) {
    return Optional.empty();
  }

  /** Whether a device whose account is right must also be signed in at the origin. */
  default boolean needsSignIn() {
    return true;
  }

  /** Whether a device whose account is right continues after this outcome at the origin. */
  default boolean continuesAfter(SignInOutcome failed) {
    return false;
  }

  /**
   * The connection of a device that this proxy has signed in.
   *
   * @param live the connection to the origin; null after a sign-in without it
   */
  default OriginConnection signedIn(
      SessionContext context, SignedIn device, @Nullable OriginConnection live) {
    return Objects.requireNonNull(live);
  }

  /**
   * The permits for the messages that the guard lets pass.
   *
   * @param ofOrigin requests the origin's permit for one more message
   */
  default Supplier<Permit> permits(Supplier<Permit> ofOrigin) {
    return ofOrigin;
  }

  /**
   * A device that this proxy has signed in.
   *
   * @param host the name of the server that the device knows
   * @param mailbox of its account
   * @param authenticated whether it sent a user name and password
   * @param permits requests the origin's permit for one more message
   */
  record SignedIn(String host, String mailbox, boolean authenticated, Supplier<Permit> permits) {}
}
