package org.tlsuplift.proxy.session;

import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.context.NegotiationTimer;
import org.tlsuplift.proxy.context.PipelineNames;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionReporter;
import org.tlsuplift.proxy.mail.DeviceCommand;
import org.tlsuplift.proxy.mail.DeviceConversation;
import org.tlsuplift.proxy.mail.DeviceDialect;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.DeviceTls;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.mail.guard.GuardedCapabilities;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.negotiate.AcceptMode;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.proxy.setup.LingeringClose;
import org.tlsuplift.proxy.setup.MailHandlers;
import org.tlsuplift.proxy.setup.PlaintextSetup;
import org.tlsuplift.proxy.setup.Setup;
import org.tlsuplift.proxy.setup.SignInSetup;
import org.tlsuplift.proxy.upstream.DeferredMailOrigin;
import org.tlsuplift.proxy.upstream.MailOrigin;
import org.tlsuplift.proxy.upstream.TlsMailOrigin;
import org.tlsuplift.proxy.upstream.UpstreamConnector;

/**
 * Replies to a mail device in plaintext until the device starts TLS.
 *
 * <p>The first command that needs the origin dials it, so a port check opens no upstream
 * connection. The negotiation timer stops while the device waits for the origin, which has its own
 * timers. Runs on the session's event loop.
 */
final class StartTlsConversation implements DeviceConversation.Callbacks {
  private static final int MAX_COMMANDS = 64;
  private static final Explanation UNENCRYPTED =
      Explanation.of(
          "the device does not encrypt, but this port needs TLS",
          "enable STARTTLS in the device, or set 'downstreamTls: optional' and 'allowPlaintext: true'");

  private final SessionContext context;
  private final MailRoute route;
  private final MailService mail;
  private final HostPort target;
  private final SessionReporter report;
  private final NegotiationTimer timer;
  private final Session session;
  private final DeviceDialect dialect;
  private final DeviceConversation conversation;
  private final LazyOrigin origin = new LazyOrigin();
  private @Nullable Throwable refusal;
  private @Nullable Explanation unencrypted;
  private int commands;

  /**
   * Creates a conversation that {@link #start} starts.
   *
   * @param timer limits the time for the device's next command
   */
  StartTlsConversation(
      SessionContext context,
      MailService mail,
      HostPort target,
      NegotiationTimer timer,
      Session session) {
    this.context = context;
    this.route = MailRoute.of(context.spec(), mail, target, context.services().routes());
    this.mail = mail;
    this.target = target;
    this.report = context.report();
    this.timer = timer;
    this.session = session;
    this.dialect = DeviceDialect.of(mail.protocol());
    this.conversation =
        new DeviceConversation(
            dialect, route.greeting(), MailRoute.greetAfter(mail, context.spec().accept()), this);
  }

  /** Adds the handler that greets the device, or ends the session if the routes deny it. */
  void start() {
    RouteDecision.Deny denied = route.denied();
    if (denied == null) {
      context.device().pipeline().addBefore(PipelineNames.HELLO, PipelineNames.MAIL, conversation);
      return;
    }
    report.decided(denied.action());
    LingeringClose.mail(context.device(), mail.protocol(), denied.detail());
    session.conversationEnded(denied.reason(), denied.why());
  }

  @Override
  public void onGreeted() {
    timer.start();
  }

  @Override
  public void onTlsAtOnce() {
    session.tlsFollows(null);
  }

  @Override
  public void onTlsTooLate(String why) {
    session.conversationEnded(
        CloseReason.NEGOTIATION_REFUSED,
        mail.deviceTls() == DeviceTls.OPTIONAL
            ? Explanation.of(
                why + ", which the proxy sends after " + MailRoute.TLS_AT_ONCE.toMillis() + " ms",
                "connect the device to a listener with 'downstreamTls: implicit'")
            : Explanation.of(
                why,
                "set 'downstreamTls: implicit' on this listener, or 'optional' to allow both"));
  }

  @Override
  public void onUnreadable(String why) {
    refuse("the device violates the protocol: " + why, why);
  }

  @Override
  public boolean passesOn(DeviceCommand command) {
    return mail.allowPlaintext() && command instanceof DeviceCommand.Beyond;
  }

  @Override
  public void onCommand(DeviceCommand command, boolean more) {
    timer.stop();
    // Checked at each command: the proxy knows its own connection only after it is established.
    if (context.isLoop()) {
      end(CloseReason.LOOP, Session.LOOP, "the proxy redirects to itself");
    } else if (++commands > MAX_COMMANDS) {
      String why = "more than " + MAX_COMMANDS + " commands before TLS";
      refuse("the device sent " + why, why);
    } else if (command instanceof DeviceCommand.Quit quit) {
      quit(quit);
    } else if (refusal != null) {
      // The device has got the reply already, to its STARTTLS command.
      end(refusal);
    } else if (command instanceof DeviceCommand.Trivial trivial) {
      answer(trivial.reply());
    } else if (command instanceof DeviceCommand.Hello greeting) {
      report.introduced(greeting.line());
      origin.get();
      answer(greeting.reply());
    } else if (command instanceof DeviceCommand.Capabilities asked) {
      if (mail.protocol() == MailProtocol.SMTP) {
        // EHLO has the name of the device. CAPABILITY and CAPA do not.
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

  private void list(DeviceCommand.Capabilities asked) {
    MailOrigin reached = origin.get();
    origin.whenDone(
        reached.capabilities(),
        () ->
            answer(
                dialect.capabilities(
                    asked,
                    GuardedCapabilities.beforeRelay(
                        reached.capabilities().getNow(), mail, context.spec().mail().rules()),
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
            session.tlsFollows(reached);
          } else {
            pipelined();
          }
        },
        cause -> {
          refusal = cause;
          answer(dialect.startTlsRefused(asked, String.valueOf(cause.getMessage())));
        });
  }

  /**
   * Ends the session because plaintext followed STARTTLS (RFC 3207 section 4.2). CVE-2011-0411 is
   * the attack on servers that accept it.
   */
  private void pipelined() {
    String why = "plaintext after the STARTTLS command";
    end(CloseReason.PLAINTEXT_AFTER_STARTTLS, Explanation.of("the device sent " + why), why);
  }

  private void beyond(DeviceCommand.Beyond beyond) {
    if (!mail.allowPlaintext()) {
      unencrypted = UNENCRYPTED;
      answer(dialect.tlsRequired(beyond));
      return;
    }
    MailOrigin reached = origin.get();
    origin.whenDone(
        reached.ready(),
        () -> {
          if (reached instanceof TlsMailOrigin secured) {
            plaintextFollows(
                beyond.line(), () -> secured.introduce(context.facts().introduction()));
          } else if (!(reached instanceof DeferredMailOrigin)) {
            throw new UnhandledVariantException(reached);
          } else if (context.spec().mail().signIn() != null) {
            signInFollows(beyond.line());
          } else {
            RouteDecision.Bridge bridge = Objects.requireNonNull(route.bridge());
            plaintextFollows(
                beyond.line(),
                () ->
                    context
                        .spec()
                        .mail()
                        .destination()
                        .dial(context, mail, target, bridge, false)
                        .orElseThrow());
          }
        },
        this::end);
  }

  private void plaintextFollows(String command, Setup.Dial dial) {
    session.plaintextFollows(
        new PlaintextSetup(
            context,
            () -> {
              // The setup holds the command and all bytes after it.
              conversation.passOn(command);
              return dial.start();
            }));
  }

  private void signInFollows(String command) {
    SignInSetup.Plan plan =
        new SignInSetup.Plan(
            Objects.requireNonNull(context.spec().mail().signIn()),
            mail,
            target,
            Objects.requireNonNull(route.bridge()),
            true);
    session.plaintextFollows(SignInSetup.inPlaintext(plan, context, session::conversationEnded));
    // The setup has added the handler that reads the command.
    conversation.passOn(command);
  }

  private void quit(DeviceCommand.Quit quit) {
    conversation.sendLastReply(quit.reply());
    if (refusal != null) {
      session.originUnavailable(refusal);
    } else {
      session.conversationEnded(
          CloseReason.DEVICE_CLOSED, unencrypted == null ? Explanation.NONE : unencrypted);
    }
  }

  private void answer(String reply) {
    timer.start();
    conversation.answer(reply);
  }

  private void refuse(String cause, String toDevice) {
    end(CloseReason.NEGOTIATION_REFUSED, Explanation.of(cause), toDevice);
  }

  private void end(CloseReason reason, Explanation why, String toDevice) {
    conversation.sendLastReply(dialect.closing(toDevice));
    session.conversationEnded(reason, why);
  }

  private void end(Throwable cause) {
    conversation.sendLastReply(dialect.closing(String.valueOf(cause.getMessage())));
    session.originUnavailable(cause);
  }

  /** The explanation if the device was told to start TLS and has not done so; else null. */
  @Nullable Explanation unencrypted() {
    return unencrypted;
  }

  /** The origin failure because of which the proxy refused STARTTLS, or null. */
  @Nullable Throwable refusal() {
    return refusal;
  }

  /** Suppresses later replies and closes the connections to the origin. */
  void abandon() {
    origin.abandon();
  }

  /** The origin, dialled in plaintext at the first step that needs it. */
  private final class LazyOrigin {
    private @Nullable MailOrigin dialled;
    private boolean abandoned;

    /** Returns the origin. The first call dials it. */
    MailOrigin get() {
      if (dialled == null) {
        dialled = dial();
      }
      return dialled;
    }

    private MailOrigin dial() {
      if (context.spec().mail().answersFirst()) {
        return new DeferredMailOrigin(
            context.device().eventLoop(), MailHandlers.capabilities(context, mail.protocol()));
      }
      UpstreamConnector upstream = context.services().upstream();
      Consumer<OriginReply> replies = reply -> report.originReplied(mail.protocol(), reply);
      return route.bridge() != null
          ? upstream.prepareSecuredMail(context.dialContext(), route.bridge(), mail, replies)
          : upstream.prepareMail(context.dialContext(), target, mail, replies);
    }

    /** Calls {@code next} or {@code failed} when the step ends, but not after {@link #abandon}. */
    void whenDone(Future<?> step, Runnable next, Consumer<Throwable> failed) {
      step.addListener(
          done -> {
            if (abandoned) {
              return;
            }
            if (step.isSuccess()) {
              next.run();
            } else {
              failed.accept(step.cause());
            }
          });
    }

    /** Suppresses later callbacks and closes the connections that were opened. */
    void abandon() {
      abandoned = true;
      if (dialled != null) {
        dialled.close();
      }
    }
  }

  /**
   * The route of a mail device, decided before its first command.
   *
   * @param denied the refusal, or null if the conversation may begin
   * @param bridge the bridge, or null if TLS with the origin starts after the device requests TLS
   * @param greeting the host name in the greeting
   */
  private record MailRoute(
      RouteDecision.@Nullable Deny denied, RouteDecision.@Nullable Bridge bridge, String greeting) {
    /** How long the proxy waits for TLS before it sends the greeting. */
    static final Duration TLS_AT_ONCE = Duration.ofMillis(500);

    private static final Duration AFTER_PROXY = Duration.ofMillis(200);

    static MailRoute of(ListenerSpec spec, MailService mail, HostPort target, RouteTable routes) {
      if (spec.accept() instanceof AcceptMode.Transparent) {
        List<String> names = routes.forAddresses().names(target);
        return new MailRoute(
            routes.forAddresses().precheck(target).orElse(null),
            null,
            names.isEmpty() ? target.host() : names.get(0));
      }
      // Whether TLS with the origin must start before the device requests TLS.
      boolean securedFirst =
          mail.originTls() == OriginTls.IMPLICIT
              || mail.allowPlaintext()
              || spec.mail().signIn() != null;
      RouteDecision decision =
          securedFirst ? routes.decideBridge(target) : routes.precheck(target).orElse(null);
      return new MailRoute(
          decision instanceof RouteDecision.Deny deny ? deny : null,
          decision instanceof RouteDecision.Bridge secured ? secured : null,
          target.host());
    }

    /**
     * Returns the delay of the greeting. After an HTTP CONNECT or SOCKS response, the greeting
     * waits 200 ms. With other proxies it arrives at least one round trip after the response, and
     * devices rely on that: openssl s_client loses a greeting that arrives together with the
     * response.
     */
    static Duration greetAfter(MailService mail, AcceptMode accept) {
      if (mail.deviceTls() == DeviceTls.OPTIONAL) {
        return TLS_AT_ONCE;
      }
      return accept instanceof AcceptMode.HttpConnect || accept instanceof AcceptMode.Socks
          ? AFTER_PROXY
          : Duration.ZERO;
    }
  }
}
