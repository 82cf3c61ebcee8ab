package org.tlsuplift.proxy.upstream.dial;

import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.proxy.ProxyHandler;
import io.netty.handler.proxy.Socks5ProxyHandler;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.UpstreamProxy;

/**
 * The host that this process connects to for an origin: the origin itself, or an upstream proxy.
 */
sealed interface Hop {
  HostPort address();

  OriginUnavailableException unresolved(Explanation why);

  OriginUnavailableException unreachable(String cause);

  record Straight(HostPort origin) implements Hop {
    @Override
    public HostPort address() {
      return origin;
    }

    @Override
    public OriginUnavailableException unresolved(Explanation why) {
      return failure(CloseReason.ORIGIN_UNRESOLVED, origin, why);
    }

    @Override
    public OriginUnavailableException unreachable(String cause) {
      return failure(CloseReason.ORIGIN_UNREACHABLE, origin, Explanation.of(cause));
    }
  }

  /**
   * A connection through an upstream proxy, which resolves the origin's name.
   *
   * @param byConnect whether the proxy connects to the origin; if not, it forwards a plain HTTP
   *     request
   */
  record Through(UpstreamProxy via, HostPort origin, boolean byConnect) implements Hop {
    @Override
    public HostPort address() {
      return via.address();
    }

    /** Creates the handler that requests the connection from the upstream proxy. */
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

    /** The origin's address for the upstream proxy. A name stays unresolved. */
    InetSocketAddress destination() {
      InetAddress literal = NetUtil.createInetAddressFromIpAddressString(origin.host());
      return literal == null
          ? InetSocketAddress.createUnresolved(origin.host(), origin.port())
          : new InetSocketAddress(literal, origin.port());
    }

    @Override
    public OriginUnavailableException unresolved(Explanation why) {
      return failure(
          CloseReason.VIA_UNREACHABLE,
          origin,
          Explanation.of(
              "the name of proxy " + via.address() + " cannot be resolved: " + why.cause(),
              why.remedy().isEmpty()
                  ? "check the proxy's name in 'via', and this machine's DNS"
                  : why.remedy()));
    }

    @Override
    public OriginUnavailableException unreachable(String cause) {
      return failure(
          CloseReason.VIA_UNREACHABLE,
          origin,
          Explanation.of(cause + ": proxy " + via.address() + " cannot be reached"));
    }

    OriginUnavailableException refused(Throwable cause) {
      UpstreamProxyFailure answer = UpstreamProxyFailure.of(via, origin, cause);
      return failure(answer.reason(), origin, answer.why());
    }
  }

  /** The connection would lead back to this process. */
  static OriginUnavailableException loop(HostPort origin, Explanation why) {
    return failure(CloseReason.LOOP, origin, why);
  }

  /** The origin has no address that its route allows. */
  static OriginUnavailableException inside(HostPort origin, Explanation why) {
    return failure(CloseReason.ORIGIN_ADDRESS_REFUSED, origin, why);
  }

  /** This process has no file descriptors left. The origin is not the cause. */
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
