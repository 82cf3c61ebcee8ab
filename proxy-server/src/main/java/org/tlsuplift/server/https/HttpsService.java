package org.tlsuplift.server.https;

import io.netty.channel.EventLoopGroup;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
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
 * A server that the program itself sends requests to. Each request has its own connection, which is
 * like those to origins: TLS 1.2 or later, the same roots, the same upstream proxy. Redirects are
 * not followed.
 *
 * <p>Has its own event loop. {@link #send} blocks; not for event loops. Thread-safe.
 */
public final class HttpsService implements AutoCloseable {
  private final HostPort server;
  private final String setting;
  private final Bounds bounds;
  private final EventLoopGroup loops;
  private final AddressResolverGroup<InetSocketAddress> resolvers;
  private final UpstreamConnector connector;

  /**
   * The limits of a request.
   *
   * @param time until the response is complete
   * @param bytes of the response's body
   */
  public record Bounds(Duration time, int bytes) {}

  /**
   * Opens no connection yet.
   *
   * @param server no request goes elsewhere
   * @param setting the key of the configuration that has the server, for messages
   * @param exits the egress of connections
   */
  public HttpsService(
      HostPort server,
      String setting,
      Bounds bounds,
      Transport transport,
      UpstreamSpec spec,
      TlsContexts contexts,
      Function<HostPort, Egress> exits) {
    this.server = server;
    this.setting = setting;
    this.bounds = bounds;
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

  /** Sends a request and waits for the whole response, whatever its status. */
  public HttpsResponse send(HttpsRequest request) throws HttpsFailedException {
    DialContext dialContext = DialContext.itself(loops.next());
    Promise<HttpsResponse> answer = dialContext.loop().newPromise();
    Future<OriginConnection> connecting =
        connector.connectTls(
            dialContext,
            new RouteDecision.Bridge(server, server.host(), setting, null),
            List.of("http/1.1"));
    connecting.addListener(
        done -> {
          if (connecting.isSuccess()) {
            HttpsExchange.start(connecting.getNow(), server, request, bounds.bytes(), answer);
          } else {
            answer.tryFailure(connecting.cause());
          }
        });
    try {
      if (!answer.await(bounds.time().toMillis(), TimeUnit.MILLISECONDS)) {
        connecting.cancel(false);
        answer.cancel(false);
        throw new HttpsFailedException(
            "%s has not responded within %d s; check with: tls-uplift probe %s"
                .formatted(server, bounds.time().toSeconds(), server));
      }
    } catch (InterruptedException ended) {
      connecting.cancel(false);
      answer.cancel(false);
      Thread.currentThread().interrupt();
      throw new HttpsFailedException("the program is shutting down");
    }
    if (answer.cause() instanceof HttpsFailedException failed) {
      throw failed;
    }
    if (!answer.isSuccess()) {
      throw new HttpsFailedException(String.valueOf(answer.cause().getMessage()));
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
