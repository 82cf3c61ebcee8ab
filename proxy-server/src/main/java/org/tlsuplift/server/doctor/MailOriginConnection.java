package org.tlsuplift.server.doctor;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.AddressScope;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.signin.dialogue.XoauthExchange;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.proxy.tls.TlsContexts;
import org.tlsuplift.proxy.upstream.UpstreamConnector;
import org.tlsuplift.proxy.upstream.dial.DialContext;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.dial.OriginResolvers;
import org.tlsuplift.proxy.upstream.dial.UpstreamSpec;
import org.tlsuplift.proxy.upstream.mail.OriginSignInResult;
import org.tlsuplift.proxy.upstream.mail.TlsMailOrigin;

/**
 * The way to one mail origin, by the proxy's own connector: the same name service, verification,
 * floor, and proxy on the way out.
 */
public final class MailOriginConnection implements AutoCloseable {
  private final UpstreamSpec spec;
  private final Egress egress;
  private final MailService mail;
  private final RouteDecision.Bridge bridge;
  private final EventLoopGroup loops;
  private final AddressResolverGroup<InetSocketAddress> resolvers;
  private final UpstreamConnector connector;

  /**
   * Opens nothing yet.
   *
   * @param origin where to
   * @param egress how connections leave
   * @param scope which addresses the origin may have
   * @param identities what routes can present to origins
   * @param clientCertificate which of them to present if the origin asks, or null for nothing
   */
  public MailOriginConnection(
      Transport transport,
      UpstreamSpec spec,
      TlsContexts contexts,
      HostPort origin,
      MailService mail,
      Egress egress,
      AddressScope scope,
      List<OriginIdentitySource> identities,
      @Nullable String clientCertificate) {
    this.spec = spec;
    this.egress = egress;
    this.mail = mail;
    this.bridge = new RouteDecision.Bridge(origin, origin.host(), "doctor", clientCertificate);
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
            there -> egress,
            there -> scope,
            identities);
  }

  HostPort origin() {
    return bridge.origin();
  }

  MailService mail() {
    return mail;
  }

  /** The proxy on the way that resolves the name, or null where we do. */
  @Nullable String via() {
    return egress.via() == null ? null : egress.via().toString();
  }

  /** The addresses of the origin's name. */
  Future<List<InetSocketAddress>> resolve() throws InterruptedException {
    Future<List<InetSocketAddress>> answer =
        resolvers
            .getResolver(loop())
            .resolveAll(InetSocketAddress.createUnresolved(origin().host(), origin().port()));
    if (!answer.await(spec.resolveTimeout().toMillis(), TimeUnit.MILLISECONDS)) {
      answer.cancel(false);
    }
    return answer;
  }

  /** Goes as far as the origin's capabilities under TLS; never offers ALPN, as no mail has it. */
  TlsMailOrigin reach() throws InterruptedException {
    return onLoop(
        () -> connector.prepareSecuredMail(DialContext.itself(loop()), bridge, mail, reply -> {}));
  }

  /** Goes on to a connection that can be looked at, and is to be closed. */
  Future<OriginConnection> connection(TlsMailOrigin reached) throws InterruptedException {
    return onLoop(reached::connection).await();
  }

  /** Signs in on a connection of its own. */
  Future<OriginSignInResult> signIn(XoauthExchange exchange) throws InterruptedException {
    return onLoop(
            () ->
                connector.signIn(
                    DialContext.itself(loop()), bridge, mail, null, exchange, reply -> {}))
        .await();
  }

  private <T> T onLoop(Callable<T> task) throws InterruptedException {
    return loop().submit(task).sync().getNow();
  }

  @Override
  public void close() {
    resolvers.close();
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private EventLoop loop() {
    return loops.next();
  }
}
