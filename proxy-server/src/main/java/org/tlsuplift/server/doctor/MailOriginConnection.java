package org.tlsuplift.server.doctor;

import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.route.AddressScope;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.signin.dialogue.OriginExchange;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.proxy.tls.TlsContexts;
import org.tlsuplift.proxy.upstream.OriginSignInResult;
import org.tlsuplift.proxy.upstream.TlsMailOrigin;
import org.tlsuplift.proxy.upstream.dial.DialContext;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.dial.UpstreamSpec;
import org.tlsuplift.server.https.OwnConnections;

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
   * @param egress the way that connections leave
   * @param scope the addresses that the origin may have
   * @param identities the client certificates that routes can present to origins
   * @param clientCertificate the name of the certificate to present if the origin requests one, or
   *     null for none
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
    this.egress = egress;
    this.mail = mail;
    this.bridge = new RouteDecision.Bridge(origin, origin.host(), "doctor", clientCertificate);
    this.dialer =
        new OwnConnections(transport, spec, contexts, address -> egress, scope, identities);
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

  /** Resolves the origin's name. The future is cancelled if DNS does not respond in time. */
  Future<List<InetSocketAddress>> resolve() throws InterruptedException {
    Future<List<InetSocketAddress>> answer = dialer.resolve(origin());
    if (!answer.isDone()) {
      answer.cancel(false);
    }
    return answer;
  }

  /** Connects and reads the origin's capabilities under TLS, without ALPN because mail has none. */
  TlsMailOrigin reach() throws InterruptedException {
    return dialer.onLoop(
        () ->
            dialer
                .connector()
                .prepareSecuredMail(DialContext.itself(dialer.loop()), bridge, mail, reply -> {}));
  }

  /** Completes the connection. The caller closes it. */
  Future<OriginConnection> connection(TlsMailOrigin reached) throws InterruptedException {
    return dialer.onLoop(reached::connection).await();
  }

  /** Signs in on a separate connection. */
  Future<OriginSignInResult> signIn(OriginExchange exchange) throws InterruptedException {
    return dialer
        .onLoop(
            () ->
                dialer
                    .connector()
                    .signIn(
                        DialContext.itself(dialer.loop()),
                        bridge,
                        mail,
                        null,
                        exchange,
                        reply -> {}))
        .await();
  }

  @Override
  public void close() {
    dialer.close();
  }
}
