package org.tlsuplift.proxy.session;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.AcceptMode;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionReport;
import org.tlsuplift.proxy.mail.DeviceCommand;
import org.tlsuplift.proxy.mail.DeviceConversation;
import org.tlsuplift.proxy.mail.DeviceDialect;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.DeviceTls;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.setup.PlaintextSetup;
import org.tlsuplift.proxy.setup.Setup;
import org.tlsuplift.proxy.setup.signin.SignInSetup;
import org.tlsuplift.proxy.signin.SignIn;
import org.tlsuplift.proxy.upstream.mail.DeferredMailOrigin;
import org.tlsuplift.proxy.upstream.mail.MailOrigin;
import org.tlsuplift.proxy.upstream.mail.TlsMailOrigin;

/**
 * Decides what a device in plaintext is told, with the origin's help, until it asks for TLS.
 *
 * <p>The origin is dialled at the first command that needs it, not at the greeting: whoever only
 * looks whether the port is open costs no connection. While the origin is waited for the device's
 * timer rests, because the origin has its own. Lives on the session's event loop.
 */
final class StartTlsConversation implements DeviceConversation.Callbacks {
  /** The session. */
  interface Callbacks {
    /** The device is expected to do its next step in time, from now on. */
    void deviceExpected();

    /** The device's step is done; it waits for us. */
    void deviceWaits();

    /** A ClientHello follows. */
    void tlsFollows(@Nullable MailOrigin origin);

    /** The device goes on in plaintext, and begins with what this makes. */
    void plaintextFollows(Function<Setup.Callbacks, Setup> setup);

    /** The origin cannot be had; the device has been told. */
    void originUnavailable(Throwable cause);

    /** The session ends; the device has been told what there was to tell. */
    void conversationEnded(CloseReason reason, String detail);
  }

  private static final int MAX_COMMANDS = 64;

  private final SessionContext context;
  private final MailRoute route;
  private final MailService mail;
  private final HostPort target;
  private final SessionReport report;
  private final Callbacks callbacks;
  private final DeviceDialect dialect;
  private final DeviceConversation conversation;
  private final LazyMailOrigin origin;
  private @Nullable Throwable refusal;
  private int commands;

  /** Nothing is said yet, and nobody dialled. */
  StartTlsConversation(
      SessionContext context, MailService mail, HostPort target, Callbacks callbacks) {
    this.context = context;
    this.route = MailRoute.of(context.spec(), mail, target, context.services().routes());
    this.mail = mail;
    this.target = target;
    this.report = context.report();
    this.callbacks = callbacks;
    this.origin = new LazyMailOrigin(context, route, mail, target);
    this.dialect = DeviceDialect.of(mail.protocol());
    this.conversation =
        new DeviceConversation(
            dialect, route.greeting(), MailRoute.greetAfter(mail, context.spec().accept()), this);
  }

  /** The routes' refusal, or null when the conversation may begin. */
  RouteDecision.@Nullable Deny denied() {
    return route.denied();
  }

  /** To be put before all that expects TLS. */
  DeviceConversation conversation() {
    return conversation;
  }

  @Override
  public void onGreeted() {
    callbacks.deviceExpected();
  }

  @Override
  public void onTlsAtOnce() {
    callbacks.tlsFollows(null);
  }

  @Override
  public void onTlsTooLate(String why) {
    callbacks.conversationEnded(
        CloseReason.NEGOTIATION_REFUSED,
        why
            + (mail.deviceTls() == DeviceTls.OPTIONAL
                ? ", which came "
                    + MailRoute.TLS_AT_ONCE.toMillis()
                    + " ms after it connected; give it a"
                    + " listener of its own with 'downstreamTls: implicit'"
                : "; set 'downstreamTls: implicit' for devices that do, or 'optional' for both"
                    + " kinds"));
  }

  @Override
  public void onUnreadable(String why) {
    end(CloseReason.NEGOTIATION_REFUSED, "the device breaks the protocol: " + why, why);
  }

  @Override
  public boolean passesOn(DeviceCommand command) {
    return mail.allowPlaintext() && command instanceof DeviceCommand.Beyond;
  }

  @Override
  public void onCommand(DeviceCommand command, boolean more) {
    callbacks.deviceWaits();
    if (isLoop()) {
      end(CloseReason.LOOP, RouteStep.LOOP, "this server is a loop");
    } else if (++commands > MAX_COMMANDS) {
      String why = "more than " + MAX_COMMANDS + " commands before TLS";
      end(CloseReason.NEGOTIATION_REFUSED, "the device sent " + why, why);
    } else if (command instanceof DeviceCommand.Quit quit) {
      quit(quit);
    } else if (refusal != null) {
      // It has been told once already.
      end(refusal);
    } else if (command instanceof DeviceCommand.Trivial trivial) {
      answer(trivial.reply());
    } else if (command instanceof DeviceCommand.Hello greeting) {
      report.introduced(greeting.line());
      origin.get();
      answer(greeting.reply());
    } else if (command instanceof DeviceCommand.Capabilities asked) {
      if (mail.protocol() == MailProtocol.SMTP) {
        // Of the three only EHLO says who asks; the others would only be answered twice.
        report.introduced(asked.line());
      }
      list(asked);
    } else if (command instanceof DeviceCommand.StartTls asked) {
      startTls(asked, more);
    } else if (command instanceof DeviceCommand.Beyond beyond) {
      beyond(beyond);
    } else {
      throw new UnhandledVariantException(command);
    }
  }

  /** Asked only now, as a connection of our own is known to be one before it says anything. */
  private boolean isLoop() {
    return context.spec().accept() instanceof AcceptMode.Transparent
        && context.services().upstream().isOwn(report.device());
  }

  private void list(DeviceCommand.Capabilities asked) {
    MailOrigin reached = origin.get();
    origin.whenDone(
        reached.capabilities(),
        () ->
            answer(
                dialect.capabilities(
                    asked,
                    reached.capabilities().getNow(),
                    route.greeting(),
                    mail.allowPlaintext())),
        this::end);
  }

  private void startTls(DeviceCommand.StartTls asked, boolean more) {
    if (more) {
      pipelined();
      return;
    }
    MailOrigin reached = origin.get();
    origin.whenDone(
        reached.ready(),
        () -> {
          if (conversation.startTls(dialect.startTlsAccepted(asked))) {
            callbacks.tlsFollows(reached);
          } else {
            pipelined();
          }
        },
        cause -> {
          refusal = cause;
          answer(dialect.startTlsRefused(asked, String.valueOf(cause.getMessage())));
        });
  }

  /** RFC 3207 section 4.2, and CVE-2011-0411 for what happens where it is not heeded. */
  private void pipelined() {
    String why = "plaintext behind the command to begin TLS";
    end(
        CloseReason.PLAINTEXT_AFTER_STARTTLS,
        "the device sent "
            + why
            + ": it breaks the protocol, or someone on the way is injecting"
            + " commands",
        why);
  }

  private void beyond(DeviceCommand.Beyond beyond) {
    if (!mail.allowPlaintext()) {
      answer(dialect.tlsRequired(beyond));
      return;
    }
    MailOrigin reached = origin.get();
    origin.whenDone(
        reached.ready(),
        () -> {
          if (reached instanceof TlsMailOrigin secured) {
            plaintextFollows(secured, beyond.line());
          } else if (reached instanceof DeferredMailOrigin) {
            signInFollows(beyond.line());
          } else {
            throw new UnhandledVariantException(reached);
          }
        },
        this::end);
  }

  private void plaintextFollows(TlsMailOrigin secured, String command) {
    callbacks.plaintextFollows(
        session -> {
          Setup setup =
              new PlaintextSetup(context, secured.introduce(report.introduction()), session);
          conversation.passOn(command);
          return setup;
        });
  }

  private void signInFollows(String command) {
    SignIn signIn = context.spec().signIn();
    RouteDecision.Bridge bridge = route.bridge();
    if (signIn != null && bridge != null) {
      SignInSetup.Plan plan = new SignInSetup.Plan(signIn, mail, target, bridge, true);
      callbacks.plaintextFollows(session -> SignInSetup.inPlaintext(plan, context, session));
      // Only now is there a dialogue to take it.
      conversation.passOn(command);
    }
  }

  private void quit(DeviceCommand.Quit quit) {
    conversation.sayLast(quit.reply());
    if (refusal != null) {
      callbacks.originUnavailable(refusal);
    } else {
      callbacks.conversationEnded(CloseReason.DEVICE_CLOSED, "");
    }
  }

  private void answer(String reply) {
    callbacks.deviceExpected();
    conversation.answer(reply);
  }

  private void end(CloseReason reason, String detail, String toDevice) {
    conversation.sayLast(dialect.closing(toDevice));
    callbacks.conversationEnded(reason, detail);
  }

  private void end(Throwable cause) {
    conversation.sayLast(dialect.closing(String.valueOf(cause.getMessage())));
    callbacks.originUnavailable(cause);
  }

  /** What the device was refused TLS for, if it was. */
  @Nullable Throwable refusal() {
    return refusal;
  }

  /** Gives up, and closes what was opened. */
  void abandon() {
    origin.abandon();
  }
}
