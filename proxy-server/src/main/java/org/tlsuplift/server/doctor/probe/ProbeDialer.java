package org.tlsuplift.server.doctor.probe;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslHandler;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.AddressScope;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.proxy.tls.TlsContexts;
import org.tlsuplift.proxy.upstream.UpstreamConnector;
import org.tlsuplift.proxy.upstream.dial.OriginResolvers;
import org.tlsuplift.proxy.upstream.dial.UpstreamSpec;

/** The proxy's own resolver and connector, on one event loop that {@link #close} stops. */
public final class ProbeDialer implements AutoCloseable {
  private final UpstreamSpec spec;
  private final EventLoopGroup loops;
  private final AddressResolverGroup<InetSocketAddress> resolvers;
  private final UpstreamConnector connector;

  /**
   * Creates the dialer, and opens no connection.
   *
   * @param egress the way that connections leave
   * @param scope the addresses that an origin may have
   * @param identities the client certificates that routes can present to origins
   */
  public ProbeDialer(
      Transport transport,
      UpstreamSpec spec,
      TlsContexts contexts,
      Egress egress,
      AddressScope scope,
      List<OriginIdentitySource> identities) {
    this.spec = spec;
    this.loops = transport.newEventLoops(1);
    this.resolvers =
        OriginResolvers.create(
            transport.datagramChannel(), transport.channel(), spec.resolveTimeout());
    this.connector =
        new UpstreamConnector(
            spec,
            contexts,
            transport.channel(),
            resolvers,
            address -> false,
            origin -> egress,
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
   * Resolves an origin's name. Blocks for the resolve timeout at most. After a timeout, the
   * returned future is not complete.
   */
  public Future<List<InetSocketAddress>> resolve(HostPort origin) throws InterruptedException {
    Future<List<InetSocketAddress>> answer =
        resolvers
            .getResolver(loop())
            .resolveAll(InetSocketAddress.createUnresolved(origin.host(), origin.port()));
    answer.await(spec.resolveTimeout().toMillis(), TimeUnit.MILLISECONDS);
    return answer;
  }

  /** The certificates that an origin presented on a connection, its own first; empty for none. */
  public static List<X509Certificate> chain(Channel connection) {
    SslHandler tls = connection.pipeline().get(SslHandler.class);
    try {
      return tls == null
          ? List.of()
          : Stream.of(tls.engine().getSession().getPeerCertificates())
              .map(X509Certificate.class::cast)
              .toList();
    } catch (SSLPeerUnverifiedException none) {
      return List.of();
    }
  }

  @Override
  public void close() {
    resolvers.close();
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
