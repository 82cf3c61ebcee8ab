package org.tlsuplift.proxy.negotiate;

import io.netty.channel.ChannelHandlerContext;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.CloseReason;

/**
 * Finds the address that a redirected device tried to reach, when the device connects.
 *
 * <p>A device that was not redirected connected to this port directly. Its target would be this
 * port, so the proxy would connect to itself without end.
 */
record RedirectedTarget(Redirection redirection, TargetPolicy policy)
    implements Function<ChannelHandlerContext, Object> {
  @Override
  public Object apply(ChannelHandlerContext ctx) {
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

  /** With tproxy nothing is rewritten, so a direct connection also looks redirected. */
  private static boolean isOwnPort(ChannelHandlerContext ctx, HostPort target) {
    return ctx.channel().parent() != null
        && ctx.channel().parent().localAddress() instanceof InetSocketAddress own
        && own.getPort() == target.port();
  }

  private NegotiationRefused notRedirected(String where, @Nullable HostPort target) {
    return new NegotiationRefused(
        CloseReason.NOT_REDIRECTED,
        Explanation.of(
            "connected directly to %s, not redirected".formatted(where),
            "check the nft rule (config/nftables/%s.nft), or use another type of listener"
                .formatted(redirection.label())),
        target);
  }

  private static HostPort target(InetSocketAddress destination) {
    // Omits the zone of a link-local address, which names an interface of this machine.
    return new HostPort(NetUtil.toAddressString(destination.getAddress()), destination.getPort());
  }

  private static String text(@Nullable Object local) {
    return local instanceof InetSocketAddress address
        ? NetUtil.toSocketAddressString(address)
        : "this port";
  }
}
