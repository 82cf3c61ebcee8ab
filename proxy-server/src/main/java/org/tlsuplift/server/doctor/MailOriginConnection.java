package org.tlsuplift.server.doctor;

import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.route.AddressScope;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.server.https.Outgoing;
import org.tlsuplift.server.https.OwnConnections;
import org.tlsuplift.server.mail.MailClient;

/**
 * Connects to one mail origin with the proxy's own connector: the same DNS, verification, TLS floor
 * and upstream proxy. The methods block until a task on the connector's event loop has run, so
 * never call them on an event loop.
 */
public final class MailOriginConnection implements AutoCloseable {
  private final Egress egress;
  private final MailService mail;
  private final RouteDecision.Bridge bridge;
  private final OwnConnections dialer;

  /**
   * Creates the connector, and opens no connection.
   *
   * @param scope the addresses that the origin may have
   * @param identities the client certificates that routes can present to origins
   * @param clientCertificate the name of the certificate to present if the origin requests one, or
   *     null for none
   */
  public MailOriginConnection(
      Outgoing way,
      HostPort origin,
      MailService mail,
      AddressScope scope,
      List<OriginIdentitySource> identities,
      @Nullable String clientCertificate) {
    this.egress = way.exits().apply(origin);
    this.mail = mail;
    this.bridge = new RouteDecision.Bridge(origin, origin.host(), "doctor", clientCertificate);
    this.dialer = new OwnConnections(way.through(egress), scope, identities);
  }

  HostPort origin() {
    return bridge.origin();
  }

  MailService mail() {
    return mail;
  }

  /** The upstream proxy that resolves the name, or null if this process resolves it. */
  @Nullable String via() {
    return egress.via() == null ? null : egress.via().toString();
  }

  /** Resolves the origin's name. */
  List<InetSocketAddress> resolve() throws OperatorException, InterruptedException {
    return dialer.resolve(origin());
  }

  /** The client of the origin. */
  MailClient client() {
    return new MailClient(dialer.connector(), dialer.loop(), bridge, mail);
  }

  @Override
  public void close() {
    dialer.close();
  }
}
