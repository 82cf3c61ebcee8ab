package org.tlsuplift.proxy.setup;

import io.netty.channel.Channel;
import io.netty.handler.timeout.IdleStateHandler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.PipelineNames;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionReport;
import org.tlsuplift.proxy.mail.MailboxSignIn;
import org.tlsuplift.proxy.mail.ReplyWatch;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.relay.HoldingHandler;
import org.tlsuplift.proxy.relay.Relay;
import org.tlsuplift.proxy.tls.failure.OriginFailures;
import org.tlsuplift.proxy.tls.failure.TlsFault;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.dial.UpstreamInitializer;

/** Starts the relay of a session whose two sides are ready, and explains why it ends. */
public final class RelayStarter {
  /** Ends the session. */
  @FunctionalInterface
  public interface Ending {
    void ended(CloseReason reason, Explanation why);
  }

  private RelayStarter() {}

  /**
   * Adds the relay to both pipelines. Mail sessions also get a handler that detects known refusals
   * by the origin, and for IMAP and POP3 one that finds the device's sign-in. SMTP sessions get a
   * guard, unless the sign-in has added one.
   *
   * @param mail the mail protocol if the proxy can read both directions, or null
   * @param ending ends the session at once
   * @param afterReply ends the session after a reply to the device
   */
  public static Relay join(
      SessionContext context,
      Channel origin,
      @Nullable MailProtocol mail,
      Ending ending,
      Ending afterReply) {
    Channel device = context.device();
    SessionReport report = context.report();
    Relay relay =
        Relay.join(
            device, origin, report.observer(), (reason, cause) -> end(ending, reason, cause));
    if (mail != null) {
      MailboxSignIn signIn =
          mail == MailProtocol.SMTP ? null : new MailboxSignIn(mail, report::deviceSignInAccepted);
      if (signIn != null) {
        device.pipeline().addBefore(Relay.HANDLER, PipelineNames.MAILBOX, signIn);
      }
      origin
          .pipeline()
          .addBefore(
              Relay.HANDLER,
              UpstreamInitializer.REPLIES,
              new ReplyWatch(
                  mail,
                  reply -> report.originReplied(mail, reply),
                  report::deviceSignInRefused,
                  signIn));
    }
    if (mail == MailProtocol.SMTP && device.pipeline().get(PipelineNames.GUARD) == null) {
      device
          .pipeline()
          .addBefore(
              Relay.HANDLER, PipelineNames.GUARD, GuardReports.guard(context, null, afterReply));
    }
    return relay;
  }

  /**
   * Ends the session because the relay has ended or cannot start.
   *
   * <p>During the relay, an origin may still reject the proxy's client certificate, and a device
   * the server certificate. Bytes that are not TLS are a protocol error, not a reset.
   *
   * @param cause the failure of the connection, or null
   */
  public static void end(Ending ending, CloseReason reason, @Nullable Throwable cause) {
    boolean device = reason == CloseReason.DEVICE_RESET;
    if (cause == null || (!device && reason != CloseReason.ORIGIN_RESET)) {
      ending.ended(reason, Explanation.NONE);
      return;
    }
    String detail = String.valueOf(cause.getMessage());
    OriginFailures refusal = device ? null : OriginFailures.afterHandshake(detail).orElse(null);
    TlsFault fault = TlsFault.of(cause).orElse(null);
    if (refusal != null) {
      ending.ended(refusal.reason(), refusal.why());
    } else if (fault == null) {
      ending.ended(reason, Explanation.of(detail));
    } else if (device && fault.rejectsCertificate()) {
      ending.ended(
          CloseReason.DEVICE_CLOSED_UNUSED,
          Explanation.of("the device does not trust the CA: it " + fault.text()));
    } else if (fault.isAlert()) {
      ending.ended(reason, Explanation.of((device ? "the device " : "the origin ") + fault.text()));
    } else {
      ending.ended(
          device ? CloseReason.DEVICE_PROTOCOL_ERROR : CloseReason.ORIGIN_PROTOCOL_ERROR,
          Explanation.of((device ? "the device " : "the origin ") + fault.text()));
    }
  }

  /**
   * Ends the session because the device closed the connection before the relay started.
   *
   * @param ready whether the device waited only for the origin; the close then counts as a reset
   */
  public static void deviceGone(Channel device, boolean ready, Ending ending) {
    HoldingHandler hold = device.pipeline().get(HoldingHandler.class);
    end(
        ending,
        ready ? CloseReason.DEVICE_RESET : CloseReason.DEVICE_CLOSED,
        hold == null ? null : hold.failure());
  }

  /** Returns whether a side closed before the relay started. In that case, ends the session. */
  public static boolean isBroken(Channel device, OriginConnection origin, Ending ending) {
    if (!device.isActive()) {
      end(ending, CloseReason.DEVICE_RESET, null);
      return true;
    }
    if (!origin.channel().isActive()) {
      end(ending, CloseReason.ORIGIN_RESET, origin.failure());
      return true;
    }
    return false;
  }

  /**
   * Starts the relay. It carries the held bytes first.
   *
   * @param idleTimeout ends the session after this time without bytes in either direction
   */
  public static void open(Relay relay, Channel device, Channel origin, Duration idleTimeout) {
    device
        .pipeline()
        .addBefore(
            Relay.HANDLER,
            PipelineNames.IDLE,
            new IdleStateHandler(true, 0, 0, idleTimeout.toMillis(), TimeUnit.MILLISECONDS));
    device.pipeline().remove(PipelineNames.EVENTS);
    device.pipeline().remove(PipelineNames.HOLD);
    origin.pipeline().remove(UpstreamInitializer.HOLD);
    relay.start();
  }
}
