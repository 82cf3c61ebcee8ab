package org.tlsuplift.proxy.accept;

import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.negotiate.NegotiationRefused;
import org.tlsuplift.proxy.negotiate.TargetPolicy;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.proxy.upstream.dial.SelfAddresses;

/** The targets that devices may request: those that the routes allow, except this proxy itself. */
public record ReachableTargets(RouteTable routes, SelfAddresses self) implements TargetPolicy {
  @Override
  public Optional<NegotiationRefused> refusal(HostPort target) {
    return loop(target).or(() -> refusal(target, routes.precheck(target)));
  }

  @Override
  public Optional<NegotiationRefused> forwardRefusal(HostPort target) {
    return loop(target).or(() -> refusal(target, routes.precheckForward(target)));
  }

  @Override
  public Optional<NegotiationRefused> redirectRefusal(HostPort address) {
    return loop(address);
  }

  private Optional<NegotiationRefused> loop(HostPort target) {
    byte[] literal = NetUtil.createByteArrayFromIpAddressString(target.host());
    return literal != null && self.contains(new InetSocketAddress(target.host(), target.port()))
        ? Optional.of(
            new NegotiationRefused(
                CloseReason.LOOP, Explanation.of(target + " is TLS Uplift itself"), target))
        : Optional.empty();
  }

  private static Optional<NegotiationRefused> refusal(
      HostPort target, Optional<RouteDecision.Deny> denied) {
    return denied.map(deny -> new NegotiationRefused(deny.reason(), deny.why(), target));
  }
}
