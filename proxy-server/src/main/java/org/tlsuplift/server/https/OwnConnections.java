package org.tlsuplift.server.https;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.route.AddressScope;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.proxy.tls.TlsContexts;
import org.tlsuplift.proxy.tls.rsa.DeviceRsa;
import org.tlsuplift.proxy.upstream.UpstreamConnector;
import org.tlsuplift.proxy.upstream.dial.OriginResolvers;
import org.tlsuplift.proxy.upstream.dial.UpstreamSpec;

/**
 * Connections of the program itself, which are like those to origins. They have their own resolver
 * and connector, on one event loop that {@link #close} stops.
 */
public final class OwnConnections implements AutoCloseable {
  private final UpstreamSpec spec;
  private final TlsContexts contexts;
  private final EventLoopGroup loops;
  private final AddressResolverGroup<InetSocketAddress> resolvers;
  private final UpstreamConnector connector;

  /** Opens no connection yet. Any address of a server is allowed. */
  public OwnConnections(Outgoing way) {
    this(way, AddressScope.ANY, List.of());
  }

  /**
   * Opens no connection yet.
   *
   * @param scope the addresses that an origin may have
   * @param identities the client certificates that routes can present to origins
   */
  public OwnConnections(Outgoing way, AddressScope scope, List<OriginIdentitySource> identities) {
    spec = way.spec();
    contexts =
        new TlsContexts(
            way.trust(), way.maximum(), spec.postQuantum(), null, DeviceRsa.boringSsl());
    loops = way.transport().newEventLoops(1);
    resolvers =
        OriginResolvers.create(
            way.transport().datagramChannel(), way.transport().channel(), spec.resolveTimeout());
    connector =
        new UpstreamConnector(
            spec,
            contexts,
            way.transport().channel(),
            resolvers,
            address -> false,
            way.exits(),
            origin -> scope,
            identities);
  }

  public EventLoop loop() {
    return loops.next();
  }

  public UpstreamConnector connector() {
    return connector;
  }

  /**
   * Resolves an origin's name. Blocks for the resolve timeout at most.
   *
   * @throws OperatorException if there is no address in time
   */
  public List<InetSocketAddress> resolve(HostPort origin)
      throws OperatorException, InterruptedException {
    Future<List<InetSocketAddress>> answer =
        resolvers
            .getResolver(loop())
            .resolveAll(InetSocketAddress.createUnresolved(origin.host(), origin.port()));
    answer.await(spec.resolveTimeout().toMillis(), TimeUnit.MILLISECONDS);
    if (answer.isSuccess()) {
      return answer.getNow();
    }
    Explanation why = OriginResolvers.explain(answer.cause());
    answer.cancel(false);
    throw new OperatorException(
        "%s cannot be resolved: %s; %s"
            .formatted(
                origin.host(),
                why.cause(),
                why.remedy().isEmpty() ? CloseReason.ORIGIN_UNRESOLVED.remedy() : why.remedy()));
  }

  @Override
  public void close() {
    resolvers.close();
    loops
        .shutdownGracefully(0, 2, TimeUnit.SECONDS)
        .awaitUninterruptibly(Duration.ofSeconds(3).toMillis(), TimeUnit.MILLISECONDS);
    contexts.close();
  }
}
