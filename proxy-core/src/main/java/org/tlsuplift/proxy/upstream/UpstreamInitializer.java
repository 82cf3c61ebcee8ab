package org.tlsuplift.proxy.upstream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import org.tlsuplift.proxy.relay.HoldingHandler;

/**
 * The table of contents of an origin's pipeline.
 *
 * <pre>
 * bridge: TLS (added when connected) - HOLD, replaced by the relay
 * mail:   [conversation], TLS, [conversation] - HOLD, replaced by REPLIES and the relay
 * plain HTTP: http-encoder, http-decoder, http-exchange (until the head of the answer) - HOLD, replaced by the relay
 * tunnel: GUARD (added when connected, removes itself) - HOLD, replaced by the relay
 * </pre>
 */
public final class UpstreamInitializer extends ChannelInitializer<Channel> {
  /** TLS towards the origin. */
  public static final String TLS = "tls";

  /** Looks at the ServerHello that passes through a tunnel. */
  public static final String GUARD = "server-hello-guard";

  /** Looks for known refusals among the replies of a mail origin, while it relays. */
  public static final String REPLIES = "reply-watch";

  /** Keeps what an origin says before the device is ready. */
  public static final String HOLD = "hold";

  @Override
  protected void initChannel(Channel channel) {
    channel.pipeline().addLast(HOLD, new HoldingHandler());
  }
}
