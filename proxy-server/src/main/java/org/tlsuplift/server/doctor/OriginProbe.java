package org.tlsuplift.server.doctor;

import io.netty.channel.Channel;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.route.AddressScope;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.proxy.upstream.dial.DialContext;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.dial.OriginUnavailableException;
import org.tlsuplift.proxy.upstream.dial.UpstreamSpec;
import org.tlsuplift.server.https.Outgoing;
import org.tlsuplift.server.https.OwnConnections;

/**
 * Connects to an origin as a session would, with the proxy's own code: to each address in turn, or
 * through the upstream proxy.
 *
 * <p>All methods block, so never call them on an event loop.
 */
public final class OriginProbe implements AutoCloseable {
  /** Failures for which the origin's certificates may be the cause. */
  private static final Set<CloseReason> SHOWN =
      Set.of(CloseReason.ORIGIN_CERTIFICATE_INVALID, CloseReason.ORIGIN_HANDSHAKE_FAILED);

  private static final List<String> APPLICATION_PROTOCOLS = List.of("h2", "http/1.1");

  private final UpstreamSpec spec;
  private final Egress egress;
  private final AddressScope scope;
  private final OwnConnections dialer;
  private final @Nullable String clientCertificate;

  /**
   * Creates the probe, and opens no connection.
   *
   * @param egress the way that connections leave
   * @param scope the addresses that the origin may have
   * @param identities the client certificates that routes can present to origins
   * @param clientCertificate the name of the certificate to present if the origin requests one, or
   *     null for none
   */
  public OriginProbe(
      Outgoing way,
      Egress egress,
      AddressScope scope,
      List<OriginIdentitySource> identities,
      @Nullable String clientCertificate) {
    this.spec = way.spec();
    this.egress = egress;
    this.scope = scope;
    this.clientCertificate = clientCertificate;
    // Each address is checked against the scope before a connection to it is opened.
    this.dialer = new OwnConnections(way.through(egress), AddressScope.ANY, identities);
  }

  /**
   * The places to connect to: each address of the name, or the origin itself if an upstream proxy
   * resolves its name.
   *
   * @throws OperatorException if the name cannot be resolved in time
   */
  public List<HostPort> places(HostPort origin) throws OperatorException, InterruptedException {
    if (egress.via() != null) {
      return List.of(origin);
    }
    return dialer.resolve(origin).stream()
        .map(address -> new HostPort(literal(address.getAddress()), origin.port()))
        .distinct()
        .toList();
  }

  /**
   * Connects to one place of an origin, and verifies its certificate for the origin's name. On mail
   * ports that begin in plaintext, the probe uses STARTTLS.
   */
  public ProbeResult ask(HostPort origin, HostPort place) throws InterruptedException {
    InetAddress literal = NetUtil.createInetAddressFromIpAddressString(place.host());
    if (literal != null && !scope.allows(literal)) {
      return new ProbeResult.Failed(
          place,
          List.of(),
          CloseReason.ORIGIN_ADDRESS_REFUSED,
          origin + ": " + scope.refusal(literal).text());
    }
    DialContext dialContext = DialContext.itself(dialer.loop());
    RouteDecision.Bridge there =
        new RouteDecision.Bridge(place, origin.host(), "probe", clientCertificate);
    Optional<MailService> startTls =
        MailService.ofPort(origin.port()).filter(mail -> mail.originTls() == OriginTls.STARTTLS);
    Future<OriginConnection> attempt =
        startTls.isPresent()
            ? dialer
                .connector()
                .prepareMail(dialContext, there.origin(), startTls.get(), reply -> {})
                .secure(there, List.of(), "")
            : dialer.connector().connectTls(dialContext, there, APPLICATION_PROTOCOLS);
    attempt.await();
    if (attempt.isSuccess()) {
      return agreed(place, attempt.getNow());
    }
    if (attempt.cause() instanceof OriginUnavailableException failure) {
      List<X509Certificate> shown =
          SHOWN.contains(failure.reason()) && startTls.isEmpty() && egress.equals(Egress.DIRECT)
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
    dialer.close();
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
    List<X509Certificate> chain = connection.chain();
    channel.close().awaitUninterruptibly();
    return new ProbeResult.Agreed(
        place, chain, Objects.requireNonNull(handshake.agreed(), "agreed"), handshake.elapsed());
  }
}
