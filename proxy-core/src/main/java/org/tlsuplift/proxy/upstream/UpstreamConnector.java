package org.tlsuplift.proxy.upstream;

import io.netty.channel.Channel;
import io.netty.channel.socket.SocketChannel;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.negotiate.PlainRequest;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.route.AddressScope;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.route.UpstreamProxy;
import org.tlsuplift.proxy.signin.dialogue.OriginExchange;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.proxy.tls.TlsContexts;
import org.tlsuplift.proxy.upstream.dial.DialContext;
import org.tlsuplift.proxy.upstream.dial.ForwardedResponse;
import org.tlsuplift.proxy.upstream.dial.HttpExchange;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.dial.OriginDialer;
import org.tlsuplift.proxy.upstream.dial.OriginUnavailableException;
import org.tlsuplift.proxy.upstream.dial.Promises;
import org.tlsuplift.proxy.upstream.dial.UpstreamSpec;

/**
 * Connects to origins, directly or through an upstream proxy: resolves the name and tries the
 * addresses (RFC 8305). Where the proxy originates TLS (1.2 or 1.3), it also verifies the origin.
 *
 * <p>All work for a session runs on the event loop of its {@link DialContext}. Futures fail with an
 * {@link OriginUnavailableException}. Cancelling a future closes the connections that it opened.
 * Thread-safe.
 */
public final class UpstreamConnector {
  private final UpstreamSpec spec;
  private final OriginDialer dial;
  private final OriginVerification verification;
  private final SpareConnections spares;

  /**
   * Creates a connector.
   *
   * @param isSelf whether this process listens on an address; such an address is never dialled
   * @param exits the upstream proxy and the PROXY header for an origin
   * @param scopes the addresses that are allowed for an origin
   * @param identities client certificates; routes refer to their names
   */
  public UpstreamConnector(
      UpstreamSpec spec,
      TlsContexts contexts,
      Class<? extends SocketChannel> channelType,
      AddressResolverGroup<InetSocketAddress> resolvers,
      Predicate<InetSocketAddress> isSelf,
      Function<HostPort, Egress> exits,
      Function<HostPort, AddressScope> scopes,
      List<OriginIdentitySource> identities) {
    this.spec = spec;
    this.dial = new OriginDialer(spec, channelType, resolvers, isSelf, exits, scopes);
    this.verification =
        new OriginVerification(
            contexts,
            new Revocation(spec.revocation(), contexts.trust(), dial),
            identities,
            spec.handshakeTimeout());
    this.spares = spares();
  }

  private UpstreamConnector(UpstreamSpec spec, OriginDialer dial, OriginVerification verification) {
    this.spec = spec;
    this.dial = dial;
    this.verification = verification;
    this.spares = spares();
  }

  private SpareConnections spares() {
    return new SpareConnections(
        spec.spareConnections(),
        SpareConnections.MAX_AGE,
        purpose ->
            connectTls(DialContext.itself(purpose.loop()), purpose.bridge(), purpose.protocols()));
  }

  /**
   * A connector with other settings. It knows the connections of this one, and the revocation
   * states that this one has found out if the trusted roots are the same.
   */
  public UpstreamConnector with(
      UpstreamSpec otherSpec,
      TlsContexts contexts,
      AddressResolverGroup<InetSocketAddress> resolvers,
      Function<HostPort, Egress> exits,
      Function<HostPort, AddressScope> scopes,
      List<OriginIdentitySource> identities) {
    OriginDialer other = dial.with(otherSpec, resolvers, exits, scopes);
    return new UpstreamConnector(
        otherSpec,
        other,
        verification.with(
            contexts, otherSpec.revocation(), other, identities, otherSpec.handshakeTimeout()));
  }

  /** The limit of each reply from a mail origin. */
  public Duration replyTimeout() {
    return spec.replyTimeout();
  }

  public boolean isOwn(InetSocketAddress device) {
    return dial.isOwn(device);
  }

  /** Connects for a tunnel; the proxy adds no TLS. */
  public Future<OriginConnection> connect(DialContext dialContext, HostPort address) {
    Promise<OriginConnection> promise = dialContext.loop().newPromise();
    when(dial.dial(dialContext, address), promise, channel -> succeed(promise, channel, null));
    return promise;
  }

  /** Connects, sends a plain HTTP request, and waits for the response head. */
  public Future<ForwardedResponse> forward(DialContext dialContext, PlainRequest request) {
    Promise<ForwardedResponse> answer = dialContext.loop().newPromise();
    UpstreamProxy sender = dial.senderOf(request.target());
    when(
        dial.dialPlain(dialContext, request.target()),
        answer,
        channel -> HttpExchange.start(channel, request, sender, answer, spec.replyTimeout()));
    return answer;
  }

  /**
   * Connects, completes the TLS handshake, and verifies the origin.
   *
   * @param applicationProtocols ALPN names to offer; empty for none
   */
  public Future<OriginConnection> connectTls(
      DialContext dialContext, RouteDecision.Bridge bridge, List<String> applicationProtocols) {
    Promise<OriginConnection> promise = dialContext.loop().newPromise();
    when(
        dial.dial(dialContext, bridge.origin()),
        promise,
        channel -> {
          Promises.onCancel(
              promise,
              () -> {
                var unused = channel.close();
              });
          Promises.then(
              verification.handshake(channel, bridge, applicationProtocols, false),
              promise,
              handshake -> succeed(promise, channel, handshake));
        });
    return promise;
  }

  /**
   * Returns a spare connection for a device of a fixed listener, or connects as {@link #connectTls}
   * does.
   *
   * @param applicationProtocols ALPN names to offer; empty for none
   */
  public Future<OriginConnection> connectFixed(
      DialContext dialContext, RouteDecision.Bridge bridge, List<String> applicationProtocols) {
    OriginConnection spare =
        dial.namesDevice(bridge.origin())
            ? null
            : spares.take(
                new SpareConnections.Purpose(dialContext.loop(), bridge, applicationProtocols));
    if (spare == null) {
      return connectTls(dialContext, bridge, applicationProtocols);
    }
    dialContext.holdings().add(spare.channel());
    return dialContext.loop().newSucceededFuture(spare);
  }

  /**
   * Connects to a mail origin and sends STARTTLS. The next message is a ClientHello, from the
   * device or from the proxy.
   *
   * @param replies receives known refusals
   */
  public PlainMailOrigin prepareMail(
      DialContext dialContext, HostPort address, MailService mail, Consumer<OriginReply> replies) {
    return PlainMailOrigin.start(steps(dialContext, address, mail, replies));
  }

  /**
   * Connects to a mail origin and starts TLS while the device still uses plaintext.
   *
   * @param replies receives known refusals
   */
  public TlsMailOrigin prepareSecuredMail(
      DialContext dialContext,
      RouteDecision.Bridge bridge,
      MailService mail,
      Consumer<OriginReply> replies) {
    return TlsMailOrigin.start(steps(dialContext, bridge.origin(), mail, replies), bridge, null);
  }

  /**
   * Connects to a mail origin, starts TLS, and signs in with OAuth.
   *
   * @param name the name in EHLO, or null for the proxy's address
   * @param replies receives the origin's known refusals before the sign-in
   */
  public Future<OriginSignInResult> signIn(
      DialContext dialContext,
      RouteDecision.Bridge bridge,
      MailService mail,
      @Nullable String name,
      OriginExchange exchange,
      Consumer<OriginReply> replies) {
    return TlsMailOrigin.start(steps(dialContext, bridge.origin(), mail, replies), bridge, name)
        .signIn(exchange);
  }

  private MailOriginHandshake steps(
      DialContext dialContext, HostPort address, MailService mail, Consumer<OriginReply> replies) {
    return new MailOriginHandshake(dialContext, address, mail, dial, verification, replies);
  }

  private static void when(
      Future<Channel> dialled, Promise<?> promise, Consumer<Channel> connected) {
    Promises.onCancel(promise, () -> dialled.cancel(false));
    Promises.then(dialled, promise, connected);
  }

  private static void succeed(
      Promise<OriginConnection> promise, Channel channel, @Nullable OriginHandshake handshake) {
    if (!promise.trySuccess(OriginConnection.of(channel, handshake))) {
      var unused = channel.close();
    }
  }
}
