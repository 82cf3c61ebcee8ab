package org.tlsuplift.proxy.negotiate;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import java.util.function.Function;
import org.tlsuplift.proxy.model.HostPort;

/**
 * The way in which devices send their target.
 *
 * <p>Each negotiation ends with exactly one event: {@link Negotiated}, {@link NegotiationRefused}
 * or, for an HTTP proxy, {@link PlainRequest}. By the time of {@link Negotiated} the handlers
 * remove themselves and pass on the bytes that follow.
 */
public sealed interface AcceptMode {
  /**
   * Adds the handlers that determine a device's target to the end of a pipeline.
   *
   * @param policy refuses targets before a response is sent
   */
  void addNegotiators(ChannelPipeline pipeline, TargetPolicy policy);

  /**
   * An explicit HTTP proxy: {@code CONNECT host:port} (RFC 9110 section 9.3.6), or one plain HTTP
   * request, which ends with {@link PlainRequest} instead of {@link Negotiated}.
   */
  record HttpConnect() implements AcceptMode {
    @Override
    public void addNegotiators(ChannelPipeline pipeline, TargetPolicy policy) {
      HttpNegotiator.addTo(pipeline, policy);
    }
  }

  /**
   * A SOCKS proxy: version 5 (RFC 1928, RFC 1929), 4 and 4a.
   *
   * @param users the allowed users; if empty, all devices may connect
   */
  record Socks(SocksUsers users) implements AcceptMode {
    @Override
    public void addNegotiators(ChannelPipeline pipeline, TargetPolicy policy) {
      pipeline.addLast("socks-version", new SocksVersionNegotiator(policy, users));
    }
  }

  /**
   * A port for one origin. Needs no bytes of the device.
   *
   * @param origin the target of all devices
   */
  record Fixed(HostPort origin) implements AcceptMode {
    @Override
    public void addNegotiators(ChannelPipeline pipeline, TargetPolicy policy) {
      pipeline.addLast("fixed", new AtConnect(ctx -> new Negotiated(origin)));
    }
  }

  /**
   * A port for devices that connect directly to their origin. The packet filter redirects them
   * here. Needs no bytes of the device.
   *
   * @param redirection the method of the packet filter
   */
  record Transparent(Redirection redirection) implements AcceptMode {
    @Override
    public void addNegotiators(ChannelPipeline pipeline, TargetPolicy policy) {
      pipeline.addLast("redirected", new AtConnect(new RedirectedTarget(redirection, policy)));
    }
  }

  /** Ends the negotiation when a device connects. */
  final class AtConnect extends ChannelInboundHandlerAdapter {
    private final Function<ChannelHandlerContext, Object> target;

    private AtConnect(Function<ChannelHandlerContext, Object> target) {
      this.target = target;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      ctx.fireChannelActive();
      ctx.fireUserEventTriggered(target.apply(ctx));
      ctx.pipeline().remove(this);
    }
  }
}
