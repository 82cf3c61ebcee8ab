package org.tlsuplift.proxy.upstream.dial;

import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.handler.proxy.Socks5ProxyHandler;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.UpstreamProxy;

/** What a connection to an origin is made to first: the origin itself, or a proxy on the way. */
sealed interface Hop {
  /** Whose name is resolved here. */
  HostPort address();

  /** There is no address for it. */
  OriginUnavailableException unresolved(String why);

  /** None of its addresses answers. */
  OriginUnavailableException unreachable(String why);

  /** The origin itself. */
  record Straight(HostPort origin) implements Hop {
    @Override
    public HostPort address() {
      return origin;
    }

    @Override
    public OriginUnavailableException unresolved(String why) {
      return failure(CloseReason.ORIGIN_UNRESOLVED, origin, why);
    }

    @Override
    public OriginUnavailableException unreachable(String why) {
      return failure(CloseReason.ORIGIN_UNREACHABLE, origin, why);
    }
  }

  /**
   * A proxy, which resolves the origin's name.
   *
   * @param byConnect whether it is asked for a connection; if not, for what is to be sent on
   */
  record Through(UpstreamProxy via, HostPort origin, boolean byConnect) implements Hop {
    @Override
    public HostPort address() {
      return via.address();
    }

    /** Asks this proxy for the connection, once its channel is there. */
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

    /** What the proxy is asked for: the name as it is, and never looked up here. */
    InetSocketAddress destination() {
      byte[] literal = NetUtil.createByteArrayFromIpAddressString(origin.host());
      return literal == null
          ? InetSocketAddress.createUnresolved(origin.host(), origin.port())
          : new InetSocketAddress(
              NetUtil.createInetAddressFromIpAddressString(origin.host()), origin.port());
    }

    @Override
    public OriginUnavailableException unresolved(String why) {
      return failure(
          CloseReason.VIA_UNREACHABLE,
          origin,
          "the name of the proxy " + via.address() + " cannot be resolved: " + why);
    }

    @Override
    public OriginUnavailableException unreachable(String why) {
      return failure(
          CloseReason.VIA_UNREACHABLE,
          origin,
          "the proxy " + via.address() + " cannot be connected to: " + why);
    }

    OriginUnavailableException refused(Throwable cause) {
      UpstreamProxyFailure answer = UpstreamProxyFailure.of(via, origin, cause);
      return failure(answer.reason(), origin, answer.detail());
    }
  }

  /** The connection would be to this proxy itself. */
  static OriginUnavailableException loop(HostPort origin, String why) {
    return failure(CloseReason.LOOP, origin, why);
  }

  /** The origin has no address that its route allows. */
  static OriginUnavailableException inside(HostPort origin, String remedy) {
    return failure(CloseReason.ORIGIN_ADDRESS_REFUSED, origin, remedy);
  }

  /** This process cannot open another connection; nothing is wrong with the origin. */
  static OriginUnavailableException withoutFiles(HostPort address) {
    return failure(
        CloseReason.SESSION_LIMIT,
        address,
        OpenFiles.REMEDY + "; this process has too many open files to connect");
  }

  private static OriginUnavailableException failure(
      CloseReason reason, HostPort origin, String why) {
    return new OriginUnavailableException(reason, origin + ": " + why, null);
  }
}
