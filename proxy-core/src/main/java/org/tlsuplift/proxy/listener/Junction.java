package org.tlsuplift.proxy.listener;

import io.netty.channel.Channel;
import io.netty.handler.timeout.IdleStateHandler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.IntroductionWatch;
import org.tlsuplift.proxy.mail.ReplyWatch;
import org.tlsuplift.proxy.relay.Relay;
import org.tlsuplift.proxy.relay.RelayListener;
import org.tlsuplift.proxy.session.CloseReason;
import org.tlsuplift.proxy.session.MailProtocol;
import org.tlsuplift.proxy.tls.OriginFailures;
import org.tlsuplift.proxy.upstream.UpstreamInitializer;

/** Puts the two ready sides of a session together; nothing but the relay is left of the opening. */
final class Junction {
  private Junction() {}

  /**
   * Adds the relay to both sides, with the watches for refusals of a mail origin, and for who a
   * device of mail says it is, if it has not said so yet.
   *
   * @param mail what is spoken by a device and an origin that we both understand, or null
   */
  static Relay join(
      Channel device,
      Channel origin,
      @Nullable MailProtocol mail,
      SessionReport report,
      RelayListener listener) {
    Relay relay =
        Relay.join(
            device, origin, report.observer(), (reason, detail) -> tell(listener, reason, detail));
    if (mail != null) {
      origin
          .pipeline()
          .addBefore(
              Relay.HANDLER,
              UpstreamInitializer.REPLIES,
              new ReplyWatch(mail, reply -> report.originReplied(mail, reply)));
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
   * Tells that the relay has ended, or cannot begin any more. An origin may refuse our certificate
   * when the session relays already.
   */
  static void tell(RelayListener listener, CloseReason reason, String detail) {
    OriginFailures refusal =
        reason == CloseReason.ORIGIN_RESET
            ? OriginFailures.afterHandshake(detail).orElse(null)
            : null;
    if (refusal == null) {
      listener.relayEnded(reason, detail);
    } else {
      listener.relayEnded(refusal.reason(), refusal.detail());
    }
  }

  /** Lets flow what was held, and all that follows. */
  static void open(Relay relay, Channel device, Channel origin, Duration idleTimeout) {
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
