package org.tlsuplift.server.doctor.probe;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslHandler;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.CloseReason;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.route.AddressScope;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.proxy.tls.TlsContexts;
import org.tlsuplift.proxy.upstream.UpstreamConnector;
import org.tlsuplift.proxy.upstream.dial.DialContext;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.dial.OriginResolvers;
import org.tlsuplift.proxy.upstream.dial.OriginUnavailableException;
import org.tlsuplift.proxy.upstream.dial.UpstreamSpec;

/**
 * Does to an origin what a session would do, with the very code of the proxy: address by address,
 * or through the proxy on the way out.
 *
 * <p>Its methods block; not for event loops.
 */
public final class OriginProbe implements AutoCloseable {
  /** Names are resolved by the same means as in the proxy, but each address is asked by itself. */
  private static final List<String> APPLICATION_PROTOCOLS = List.of("h2", "http/1.1");

  private final UpstreamSpec spec;
  private final Egress egress;
  private final AddressScope scope;
  private final EventLoopGroup loops;
  private final AddressResolverGroup<InetSocketAddress> resolvers;
  private final UpstreamConnector connector;
  private final @Nullable String clientCertificate;

  /**
   * Verifies by these contexts, and takes as long as that at most.
   *
   * @param egress how connections leave
   * @param scope which addresses the origin may have
   * @param identities what routes can present to origins
   * @param clientCertificate which of them to present if the origin asks, or null for nothing
   */
  public OriginProbe(
      Transport transport,
      UpstreamSpec spec,
      TlsContexts contexts,
      Egress egress,
      AddressScope scope,
      List<OriginIdentitySource> identities,
      @Nullable String clientCertificate) {
    this.spec = spec;
    this.egress = egress;
    this.scope = scope;
    this.clientCertificate = clientCertificate;
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
            judgedBefore -> AddressScope.ANY,
            identities);
  }

  /**
   * What there is to connect to: each address of the name service, or the origin itself where a
   * proxy on the way out resolves its name.
   *
   * @throws ProbeFailedException when there is no answer in time, or none with an address
   */
  public List<HostPort> places(HostPort origin) throws ProbeFailedException, InterruptedException {
    if (egress.via() != null) {
      return List.of(origin);
    }
    Future<List<InetSocketAddress>> answer =
        resolvers
            .getResolver(loops.next())
            .resolveAll(InetSocketAddress.createUnresolved(origin.host(), origin.port()));
    if (!answer.await(spec.resolveTimeout().toMillis(), TimeUnit.MILLISECONDS)) {
      throw new ProbeFailedException(
          origin.host()
              + " cannot be resolved: no DNS answer in "
              + spec.resolveTimeout().toMillis()
              + " ms; check the name and the name service of this machine");
    }
    if (!answer.isSuccess()) {
      throw new ProbeFailedException(
          origin.host()
              + " cannot be resolved: "
              + String.valueOf(answer.cause().getMessage()).strip()
              + "; check the name and the name service of this machine");
    }
    return answer.getNow().stream()
        .map(address -> new HostPort(literal(address.getAddress()), origin.port()))
        .distinct()
        .toList();
  }

  /**
   * Connects to one place of an origin and verifies it under the origin's name; on the ports of
   * mail that begin in plaintext, by STARTTLS.
   */
  public ProbeResult ask(HostPort origin, HostPort place) throws InterruptedException {
    InetAddress literal = NetUtil.createInetAddressFromIpAddressString(place.host());
    if (literal != null && !scope.allows(literal)) {
      return new ProbeResult.Failed(
          place,
          List.of(),
          CloseReason.ORIGIN_ADDRESS_REFUSED,
          origin + ": " + scope.remedy(literal));
    }
    DialContext dialContext = DialContext.itself(loops.next());
    RouteDecision.Bridge there =
        new RouteDecision.Bridge(place, origin.host(), "probe", clientCertificate);
    Optional<MailService> startTls =
        MailService.ofPort(origin.port()).filter(mail -> mail.originTls() == OriginTls.STARTTLS);
    Future<OriginConnection> attempt =
        startTls.isPresent()
            ? connector
                .prepareMail(dialContext, there.origin(), startTls.get(), reply -> {})
                .secure(there, List.of(), "")
            : connector.connectTls(dialContext, there, APPLICATION_PROTOCOLS);
    attempt.await();
    if (attempt.isSuccess()) {
      return agreed(place, attempt.getNow());
    }
    if (attempt.cause() instanceof OriginUnavailableException failure) {
      List<X509Certificate> shown =
          failure.reason() == CloseReason.ORIGIN_CERTIFICATE_INVALID
                  && startTls.isEmpty()
                  && egress.equals(Egress.STRAIGHT)
              ? RefusedCertificates.of(origin, place, timeout())
              : List.of();
      return new ProbeResult.Failed(
          place, shown, failure.reason(), String.valueOf(failure.getMessage()));
    }
    return new ProbeResult.Failed(
        place, List.of(), CloseReason.INTERNAL_ERROR, String.valueOf(attempt.cause()));
  }

  @Override
  public void close() {
    resolvers.close();
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private Duration timeout() {
    return spec.connectTimeout().plus(spec.handshakeTimeout());
  }

  private static String literal(InetAddress address) {
    String text = address.getHostAddress();
    int zone = text.indexOf('%');
    return zone < 0 ? text : text.substring(0, zone);
  }

  private static ProbeResult agreed(HostPort place, OriginConnection connection) {
    OriginHandshake handshake = Objects.requireNonNull(connection.handshake(), "handshake");
    Channel channel = connection.channel();
    List<X509Certificate> chain = chain(channel.pipeline().get(SslHandler.class));
    channel.close().awaitUninterruptibly();
    return new ProbeResult.Agreed(
        place, chain, Objects.requireNonNull(handshake.agreed(), "agreed"), handshake.elapsed());
  }

  private static List<X509Certificate> chain(SslHandler tls) {
    try {
      Certificate[] shown = tls.engine().getSession().getPeerCertificates();
      return Arrays.stream(shown).map(X509Certificate.class::cast).toList();
    } catch (SSLPeerUnverifiedException none) {
      return List.of();
    }
  }
}
