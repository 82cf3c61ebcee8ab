package org.tlsuplift.proxy.upstream;

import io.netty.channel.Channel;
import io.netty.channel.socket.SocketChannel;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.model.OriginReply;
import org.tlsuplift.proxy.negotiate.PlainRequest;
import org.tlsuplift.proxy.route.AddressScope;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.route.UpstreamProxy;
import org.tlsuplift.proxy.signin.dialogue.XoauthExchange;
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
import org.tlsuplift.proxy.upstream.mail.MailOriginHandshake;
import org.tlsuplift.proxy.upstream.mail.OriginSignInResult;
import org.tlsuplift.proxy.upstream.mail.PlainMailOrigin;
import org.tlsuplift.proxy.upstream.mail.TlsMailOrigin;
import org.tlsuplift.proxy.upstream.verify.OriginVerification;
import org.tlsuplift.proxy.upstream.verify.Revocation;

/**
 * Reaches origins, directly or through an upstream proxy: resolves the name, races the addresses,
 * and for a bridge verifies the origin with TLS 1.2 or 1.3.
 *
 * <p>All work for a session runs on its caller's event loop. Futures fail with an {@link
 * OriginUnavailableException}. Cancelling a future closes the connections that it has opened.
 * Thread-safe.
 */
public final class UpstreamConnector {
  private final UpstreamSpec spec;
  private final OriginDialer dial;
  private final OriginVerification verification;

  /**
   * Creates a connector.
   *
   * @param isSelf whether this proxy listens on an address, which it then never dials
   * @param exits the way that connections to an origin leave
   * @param scopes the addresses that an origin may have
   * @param identities client certificates, under the names that routes use
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
  }

  public boolean isOwn(InetSocketAddress device) {
    return dial.isOwn(device);
  }

  /** Connects without our own TLS, for a tunnel. */
  public Future<OriginConnection> connect(DialContext dialContext, HostPort address) {
    Promise<OriginConnection> promise = dialContext.loop().newPromise();
    when(dial.dial(dialContext, address), promise, channel -> succeed(promise, channel, null));
    return promise;
  }

  /** Connects, sends a plain HTTP request, and waits for the head of the response. */
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
   * Connects and completes a verified TLS handshake.
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
   * Prepares an origin with STARTTLS up to the ClientHello, which is ours or the device's.
   *
   * @param replies receives known refusals
   */
  public PlainMailOrigin prepareMail(
      DialContext dialContext, HostPort address, MailService mail, Consumer<OriginReply> replies) {
    return PlainMailOrigin.start(steps(dialContext, address, mail, replies));
  }

  /**
   * Starts TLS with an origin while its device still uses plaintext.
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
   * Starts TLS with an origin, and signs in.
   *
   * @param name the name in EHLO, or null for our address
   * @param replies receives known refusals before the sign-in
   */
  public Future<OriginSignInResult> signIn(
      DialContext dialContext,
      RouteDecision.Bridge bridge,
      MailService mail,
      @Nullable String name,
      XoauthExchange exchange,
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
