package org.tlsuplift.proxy.negotiate;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.HostPort;

/**
 * Finds the address that a device was redirected from, as soon as it connects.
 *
 * <p>A device that was not redirected connected to this port itself, and would be led back to it
 * for ever.
 */
final class RedirectedNegotiator extends ChannelInboundHandlerAdapter {
  private final Redirection redirection;
  private final TargetPolicy policy;

  RedirectedNegotiator(Redirection redirection, TargetPolicy policy) {
    this.redirection = redirection;
    this.policy = policy;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    ctx.fireChannelActive();
    ctx.fireUserEventTriggered(event(ctx));
    ctx.pipeline().remove(this);
  }

  private Object event(ChannelHandlerContext ctx) {
    Optional<InetSocketAddress> destination = redirection.destination(ctx.channel());
    if (destination.isEmpty()) {
      return notRedirected(text(ctx.channel().localAddress()), null);
    }
    HostPort target = target(destination.get());
    Optional<NegotiationRefused> refusal = policy.redirectRefusal(target);
    return refusal.isPresent() && isOwnPort(ctx, target)
        ? notRedirected(target.toString(), target)
        : refusal.<Object>map(refused -> refused).orElseGet(() -> new Negotiated(target));
  }

  /** If nothing is rewritten, a device that connects to this port looks redirected too. */
  private static boolean isOwnPort(ChannelHandlerContext ctx, HostPort target) {
    return ctx.channel().parent() != null
        && ctx.channel().parent().localAddress() instanceof InetSocketAddress own
        && own.getPort() == target.port();
  }

  private NegotiationRefused notRedirected(String where, @Nullable HostPort target) {
    return new NegotiationRefused(
        CloseReason.NOT_REDIRECTED,
        ("not redirected: the device connected to %s itself, or the rule is not one of "
                + "'transparent: %s'; check the nft rule (config/nftables/%s.nft); for devices that "
                + "are told of this proxy, use a listener with 'accept: http-connect', socks or fixed")
            .formatted(where, redirection.label(), redirection.label()),
        target);
  }

  private static HostPort target(InetSocketAddress destination) {
    // Without the zone of a link-local address, which names an interface of this machine.
    return new HostPort(NetUtil.toAddressString(destination.getAddress()), destination.getPort());
  }

  private static String text(@Nullable Object local) {
    return local instanceof InetSocketAddress address
        ? NetUtil.toSocketAddressString(address)
        : "it";
  }
}
