package org.tlsuplift.server.signin.token;

import com.microsoft.aad.msal4j.HttpRequest;
import com.microsoft.aad.msal4j.IHttpClient;
import com.microsoft.aad.msal4j.IHttpResponse;
import io.netty.channel.EventLoopGroup;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.AddressScope;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.tls.TlsContexts;
import org.tlsuplift.proxy.upstream.UpstreamConnector;
import org.tlsuplift.proxy.upstream.dial.DialContext;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.dial.OriginResolvers;
import org.tlsuplift.proxy.upstream.dial.UpstreamSpec;

/**
 * Sends the library's requests with connections like those to origins: TLS 1.2 or later, the same
 * roots, the same upstream proxy. Each request has its own connection and ten seconds.
 *
 * <p>Has its own event loop. {@link #send} blocks; not for event loops.
 */
public final class PlatformHttp implements IHttpClient, AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final Duration limit;
  private final HostPort platform;
  private final EventLoopGroup loops;
  private final AddressResolverGroup<InetSocketAddress> resolvers;
  private final UpstreamConnector connector;

  /**
   * @param authority the identity platform's address; no request goes elsewhere
   * @param exits the egress of connections
   */
  public PlatformHttp(
      URI authority,
      Transport transport,
      UpstreamSpec spec,
      TlsContexts contexts,
      Function<HostPort, Egress> exits) {
    this(authority, transport, spec, contexts, exits, LIMIT);
  }

  PlatformHttp(
      URI authority,
      Transport transport,
      UpstreamSpec spec,
      TlsContexts contexts,
      Function<HostPort, Egress> exits,
      Duration limit) {
    this.limit = limit;
    platform =
        new HostPort(authority.getHost(), authority.getPort() < 0 ? 443 : authority.getPort());
    loops = transport.newEventLoops(1);
    resolvers =
        OriginResolvers.create(
            transport.datagramChannel(), transport.channel(), spec.resolveTimeout());
    connector =
        new UpstreamConnector(
            spec,
            contexts,
            transport.channel(),
            resolvers,
            address -> false,
            exits,
            anywhere -> AddressScope.ANY,
            List.of());
  }

  @Override
  public IHttpResponse send(HttpRequest request) throws IOException {
    if (!request.url().getHost().equalsIgnoreCase(platform.host())) {
      throw new IOException("the library requests a host that is not configured");
    }
    DialContext dialContext = DialContext.itself(loops.next());
    Promise<IHttpResponse> answer = dialContext.loop().newPromise();
    // The library sometimes drops the port of an authority, so use the configured one.
    Future<OriginConnection> connecting =
        connector.connectTls(
            dialContext,
            new RouteDecision.Bridge(platform, platform.host(), "signIn.authority", null),
            List.of("http/1.1"));
    connecting.addListener(
        done -> {
          if (connecting.isSuccess()) {
            PlatformExchange.start(connecting.getNow(), platform, request, answer);
          } else {
            answer.tryFailure(connecting.cause());
          }
        });
    try {
      if (!answer.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        connecting.cancel(false);
        answer.cancel(false);
        throw new PlatformUnreachableException(
            "%s has not responded within %d s; check with: tls-uplift probe %s"
                .formatted(platform, limit.toSeconds(), platform));
      }
    } catch (InterruptedException ended) {
      connecting.cancel(false);
      answer.cancel(false);
      Thread.currentThread().interrupt();
      throw new PlatformUnreachableException("the program is shutting down");
    }
    if (answer.cause() instanceof PlatformUnreachableException told) {
      throw told;
    }
    if (!answer.isSuccess()) {
      throw new PlatformUnreachableException(String.valueOf(answer.cause().getMessage()));
    }
    return answer.getNow();
  }

  @Override
  public void close() {
    resolvers.close();
    loops
        .shutdownGracefully(0, 2, TimeUnit.SECONDS)
        .awaitUninterruptibly(Duration.ofSeconds(3).toMillis(), TimeUnit.MILLISECONDS);
  }
}
