package org.tlsuplift.proxy.setup;

import io.netty.channel.Channel;
import io.netty.handler.timeout.IdleStateHandler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.PipelineNames;
import org.tlsuplift.proxy.context.SessionContext;
import org.tlsuplift.proxy.context.SessionReport;
import org.tlsuplift.proxy.mail.IntroductionWatch;
import org.tlsuplift.proxy.mail.ReplyWatch;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.relay.HoldingHandler;
import org.tlsuplift.proxy.relay.Relay;
import org.tlsuplift.proxy.tls.EngineWatch;
import org.tlsuplift.proxy.tls.failure.OriginFailures;
import org.tlsuplift.proxy.tls.failure.TlsFault;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.dial.UpstreamInitializer;

/** Joins the two ready sides of a session by a relay. */
public final class RelayStarter {
  /** Ends the session. */
  @FunctionalInterface
  public interface Ending {
    void ended(CloseReason reason, Explanation why);
  }

  private RelayStarter() {}

  /**
   * Adds the relay to both sides. Also adds a watch for known refusals of a mail origin, and a
   * watch for the name of an SMTP device that has not introduced itself.
   *
   * @param mail the mail protocol if the proxy can read both sides, or null
   */
  public static Relay join(
      SessionContext context, Channel origin, @Nullable MailProtocol mail, Ending ending) {
    Channel device = context.device();
    SessionReport report = context.report();
    Relay relay =
        Relay.join(
            device, origin, report.observer(), (reason, cause) -> end(ending, reason, cause));
    EngineWatch.add(origin.pipeline(), PipelineNames.TLS_WATCH, false);
    if (mail != null) {
      origin
          .pipeline()
          .addBefore(
              Relay.HANDLER,
              UpstreamInitializer.REPLIES,
              new ReplyWatch(
                  mail, reply -> report.originReplied(mail, reply), report::deviceSignInRefused));
    }
    if (mail == MailProtocol.SMTP && report.introduction() == null) {
      device
          .pipeline()
          .addBefore(
              Relay.HANDLER, PipelineNames.INTRODUCTION, new IntroductionWatch(report::introduced));
    }
    return relay;
  }

  /**
   * Ends the session because the relay has ended or cannot begin.
   *
   * <p>An origin may reject our client certificate during the relay, and a device its server
   * certificate. Bytes that are not TLS are a protocol error and not a broken connection.
   *
   * @param cause what broke the connection, or null
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
   * Ends the session because the device left before the relay began.
   *
   * @param ready whether the device waited for the origin only, so leaving counts as a reset
   */
  public static void deviceGone(Channel device, boolean ready, Ending ending) {
    HoldingHandler hold = device.pipeline().get(HoldingHandler.class);
    end(
        ending,
        ready ? CloseReason.DEVICE_RESET : CloseReason.DEVICE_CLOSED,
        hold == null ? null : hold.failure());
  }

  /** Ends the session and returns true if a side is closed before the relay begins. */
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

  /** Starts the relay, first with the bytes that were held. */
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
