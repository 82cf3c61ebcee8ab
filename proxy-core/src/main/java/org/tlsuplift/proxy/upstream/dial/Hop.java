package org.tlsuplift.proxy.upstream.dial;

import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.handler.proxy.Socks5ProxyHandler;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.UpstreamProxy;

/** The first machine on the way to an origin: the origin itself, or an upstream proxy. */
sealed interface Hop {
  HostPort address();

  OriginUnavailableException unresolved(String cause);

  OriginUnavailableException unreachable(String cause);

  record Straight(HostPort origin) implements Hop {
    @Override
    public HostPort address() {
      return origin;
    }

    @Override
    public OriginUnavailableException unresolved(String cause) {
      return failure(CloseReason.ORIGIN_UNRESOLVED, origin, Explanation.of(cause));
    }

    @Override
    public OriginUnavailableException unreachable(String cause) {
      return failure(CloseReason.ORIGIN_UNREACHABLE, origin, Explanation.of(cause));
    }
  }

  /**
   * An upstream proxy, which resolves the origin's name.
   *
   * @param byConnect whether it connects to the origin; if not, it forwards a request in plain HTTP
   */
  record Through(UpstreamProxy via, HostPort origin, boolean byConnect) implements Hop {
    @Override
    public HostPort address() {
      return via.address();
    }

    /** Asks the upstream proxy for the connection, once its channel is connected. */
    ProxyHandler handler(InetSocketAddress proxy) {
      UpstreamProxy.Credentials credentials = via.credentials();
      return switch (via.protocol()) {
        case HTTP ->
            credentials == null
                ? new HttpProxyHandler(proxy)
                : new HttpProxyHandler(proxy, credentials.user(), credentials.password());
        case SOCKS5 ->
            credentials == null
                ? new Socks5ProxyHandler(proxy)
                : new Socks5ProxyHandler(proxy, credentials.user(), credentials.password());
      };
    }

    /** The origin as the proxy gets it: a name is never looked up here. */
    InetSocketAddress destination() {
      InetAddress literal = NetUtil.createInetAddressFromIpAddressString(origin.host());
      return literal == null
          ? InetSocketAddress.createUnresolved(origin.host(), origin.port())
          : new InetSocketAddress(literal, origin.port());
    }

    @Override
    public OriginUnavailableException unresolved(String cause) {
      return failure(
          CloseReason.VIA_UNREACHABLE,
          origin,
          Explanation.of(
              "the name of the proxy " + via.address() + " cannot be resolved: " + cause,
              "check the name of the proxy in 'via', and the DNS of this machine"));
    }

    @Override
    public OriginUnavailableException unreachable(String cause) {
      return failure(
          CloseReason.VIA_UNREACHABLE,
          origin,
          Explanation.of("the proxy " + via.address() + " cannot be reached: " + cause));
    }

    OriginUnavailableException refused(Throwable cause) {
      UpstreamProxyFailure answer = UpstreamProxyFailure.of(via, origin, cause);
      return failure(answer.reason(), origin, answer.why());
    }
  }

  /** The connection would be to this proxy itself. */
  static OriginUnavailableException loop(HostPort origin, String cause) {
    return failure(CloseReason.LOOP, origin, Explanation.of(cause));
  }

  /** The origin has no address that its route allows. */
  static OriginUnavailableException inside(HostPort origin, Explanation why) {
    return failure(CloseReason.ORIGIN_ADDRESS_REFUSED, origin, why);
  }

  /** This process cannot open another connection; nothing is wrong with the origin. */
  static OriginUnavailableException withoutFiles(HostPort address) {
    return failure(
        CloseReason.SESSION_LIMIT,
        address,
        Explanation.of("this process has too many open files to connect", OpenFiles.REMEDY));
  }

  private static OriginUnavailableException failure(
      CloseReason reason, HostPort origin, Explanation why) {
    return new OriginUnavailableException(reason, origin, why, null);
  }
}
