package org.tlsuplift.proxy.upstream.dial;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.proxy.ProxyHandler;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.relay.HoldingHandler;

/**
 * The table of contents of an origin's pipeline.
 *
 * <pre>
 * first:  [HEADER, removes itself] [VIA, removed when the upstream proxy has connected - EARLY, removes itself] HOLD
 * bridge: [KEY_EXCHANGE, removes itself during the handshake] TLS (added when connected), TLS_WATCH before it after the handshake - HOLD, replaced by the relay
 * mail:   [conversation], [KEY_EXCHANGE], [TLS_WATCH], TLS, [conversation] - HOLD, replaced by REPLIES and the relay
 * plain HTTP: http-encoder, http-decoder, http-exchange (until the response head is complete) - HOLD, replaced by the relay
 * mail that goes elsewhere: [TLS_WATCH], TLS - HOLD, replaced by the conversation of that server
 * tunnel: GUARD (added when connected, removes itself), RECORDS - HOLD, replaced by the relay
 * </pre>
 */
public final class UpstreamInitializer extends ChannelInitializer<Channel> {
  static final String HEADER = "proxy-header";

  /** Requests a connection to the origin from an upstream proxy. */
  static final String VIA = "via";

  /** Holds the bytes that arrived together with the upstream proxy's response. */
  static final String EARLY = "early-bytes";

  /** Reads the origin's key exchange. */
  public static final String KEY_EXCHANGE = "key-exchange";

  public static final String TLS = "tls";

  /** Reports the faults of the origin's TLS after the handshake. */
  public static final String TLS_WATCH = "tls-watch";

  /** Checks the ServerHello that passes through a tunnel. */
  public static final String GUARD = "server-hello-guard";

  /** Passes only TLS records through a tunnel. */
  public static final String RECORDS = "tls-records";

  /** Recognises known refusals in the replies of a mail origin during the relay. */
  public static final String REPLIES = "reply-watch";

  /** Holds the origin's bytes until the device is ready. */
  public static final String HOLD = "hold";

  private final @Nullable DialContext dialContext;
  private final @Nullable ProxyHandler via;

  /**
   * Creates an initializer for one connection attempt.
   *
   * @param dialContext the addresses for the PROXY header, or null for no header
   * @param via requests the connection from an upstream proxy; null for a direct connection
   */
  UpstreamInitializer(@Nullable DialContext dialContext, @Nullable ProxyHandler via) {
    this.dialContext = dialContext;
    this.via = via;
  }

  @Override
  protected void initChannel(Channel channel) {
    if (dialContext != null) {
      channel.pipeline().addLast(HEADER, new ProxyHeaderSender(dialContext));
    }
    if (via != null) {
      channel.pipeline().addLast(VIA, via).addLast(EARLY, new EarlyBytes());
    }
    channel.pipeline().addLast(HOLD, new HoldingHandler());
  }
}
