package org.tlsuplift.proxy.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.timeout.IdleStateHandler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.ReplyWatch;
import org.tlsuplift.proxy.relay.Relay;
import org.tlsuplift.proxy.session.MailProtocol;
import org.tlsuplift.proxy.upstream.UpstreamInitializer;

/** Where an opening becomes a relay: what was needed until now leaves both pipelines. */
final class Junction {
  private Junction() {}

  /**
   * Leaves TLS, the idle timer and the relay to a device and its origin.
   *
   * @param mail what is spoken by both, and understood here, or null
   */
  static void clear(
      Channel device,
      Channel origin,
      @Nullable MailProtocol mail,
      SessionReport report,
      Duration idleTimeout) {
    if (mail != null) {
      origin
          .pipeline()
          .addBefore(
              Relay.HANDLER,
              UpstreamInitializer.REPLIES,
              new ReplyWatch(mail, reply -> report.originReplied(mail, reply)));
    }
    ChannelPipeline pipeline = device.pipeline();
    pipeline.addBefore(
        Relay.HANDLER,
        PipelineNames.IDLE,
        new IdleStateHandler(true, 0, 0, idleTimeout.toMillis(), TimeUnit.MILLISECONDS));
    pipeline.remove(PipelineNames.EVENTS);
    pipeline.remove(PipelineNames.HOLD);
    origin.pipeline().remove(UpstreamInitializer.HOLD);
  }
}
