package org.tlsuplift.proxy.upstream;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.mail.OriginConversation;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.signin.dialogue.OriginExchange;
import org.tlsuplift.proxy.signin.dialogue.XoauthStep;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.dial.OriginUnavailableException;
import org.tlsuplift.proxy.upstream.dial.Promises;

/**
 * A mail origin with which the proxy starts TLS before the device does. The proxy reads its
 * capabilities under TLS.
 */
public final class TlsMailOrigin implements MailOrigin {
  private final MailOriginHandshake steps;
  private final @Nullable String name;
  private final Promise<List<String>> capabilities;
  private @Nullable OriginHandshake handshake;

  private TlsMailOrigin(MailOriginHandshake steps, @Nullable String name) {
    this.steps = steps;
    this.name = name;
    this.capabilities = steps.loop().newPromise();
  }

  /**
   * Dials, starts TLS as the mail settings require, and requests the capabilities.
   *
   * @param name the name in EHLO under TLS, or null for the proxy's address
   */
  public static TlsMailOrigin start(
      MailOriginHandshake steps, RouteDecision.Bridge bridge, @Nullable String name) {
    TlsMailOrigin origin = new TlsMailOrigin(steps, name);
    steps.onFailure(origin.capabilities::tryFailure);
    if (steps.mail().originTls() == OriginTls.IMPLICIT) {
      steps.dial(() -> origin.verify(bridge, false));
    } else {
      steps.dial(() -> steps.agree(forgotten -> {}, () -> origin.verify(bridge, true)));
    }
    return origin;
  }

  private void verify(RouteDecision.Bridge bridge, boolean afterStartTls) {
    steps.verify(
        bridge,
        List.of(),
        afterStartTls,
        agreed -> {
          handshake = agreed;
          if (afterStartTls) {
            learn();
          } else {
            steps.ask(OriginConversation::greeting, greeting -> learn());
          }
        });
  }

  private void learn() {
    steps.ask(
        conversation ->
            name == null ? conversation.capabilities() : conversation.capabilities(name),
        capabilities::trySuccess);
  }

  @Override
  public Future<List<String>> capabilities() {
    return capabilities;
  }

  @Override
  public Future<?> ready() {
    return capabilities;
  }

  @Override
  public Future<OriginConnection> secured(
      RouteDecision.Bridge bridge, List<String> applicationProtocols) {
    return connection();
  }

  /** The connection for a device that starts TLS now and sends its EHLO under TLS. */
  public Future<OriginConnection> connection() {
    steps.whenReady(capabilities, () -> steps.handOver(handshake));
    return steps.connection();
  }

  /**
   * The connection for a device that continues in plaintext.
   *
   * @param hello the device's HELO or EHLO line, or null
   */
  public Future<OriginConnection> introduce(@Nullable String hello) {
    steps.whenReady(
        capabilities,
        () -> {
          if (hello == null) {
            steps.handOver(handshake);
          } else {
            steps.ask(
                conversation -> conversation.introduce(hello), taken -> steps.handOver(handshake));
          }
        });
    return steps.connection();
  }

  /**
   * Signs in. If the origin accepts, the result has the connection; otherwise the connection is
   * closed.
   *
   * @return fails with an {@link OriginUnavailableException}; cancelling it closes the connection
   */
  public Future<OriginSignInResult> signIn(OriginExchange exchange) {
    Promise<OriginSignInResult> answer = steps.loop().newPromise();
    Promises.onCancel(answer, steps::close);
    Promises.then(steps.connection(), answer, unused -> {});
    steps.whenReady(
        capabilities, () -> follow(exchange, exchange.begin(capabilities.getNow()), true, answer));
    return answer;
  }

  private void follow(
      OriginExchange exchange, XoauthStep next, boolean first, Promise<OriginSignInResult> answer) {
    if (next instanceof XoauthStep.Send send) {
      steps.ask(
          conversation -> conversation.signIn(send.line(), first),
          reply -> follow(exchange, exchange.next(reply), false, answer));
    } else if (next instanceof XoauthStep.SignedIn taken) {
      steps.handOver(handshake);
      OriginConnection connection = steps.connection().getNow();
      if (!answer.trySuccess(
          new OriginSignInResult.SignedIn(connection, capabilities.getNow(), taken.reply()))) {
        steps.close();
      }
    } else if (next instanceof XoauthStep.Refused refused) {
      steps.close();
      answer.trySuccess(new OriginSignInResult.Refused(handshake, refused));
    } else {
      throw new UnhandledVariantException(next);
    }
  }

  @Override
  public void close() {
    steps.close();
  }
}
