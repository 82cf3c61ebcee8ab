package org.tlsuplift.proxy.upstream;

import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.mail.OriginConversation;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.session.OriginHandshake;

/** A mail origin that was brought to TLS first, and asked what it can do under it. */
public final class SecuredMailOrigin implements MailOrigin {
  private final MailSteps steps;
  private final Promise<List<String>> capabilities;
  private @Nullable OriginHandshake handshake;

  private SecuredMailOrigin(MailSteps steps) {
    this.steps = steps;
    this.capabilities = steps.loop().newPromise();
  }

  /** Dials, begins TLS as the service says, and asks for the capabilities. */
  static SecuredMailOrigin start(MailSteps steps, RouteDecision.Bridge bridge) {
    SecuredMailOrigin origin = new SecuredMailOrigin(steps);
    steps.onFailure(origin::fail);
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
    steps.ask(OriginConversation::capabilities, capabilities::trySuccess);
  }

  @Override
  public Future<List<String>> capabilities() {
    return capabilities;
  }

  @Override
  public Future<?> ready() {
    return capabilities;
  }

  /** The connection for a device that begins TLS now, and will introduce itself under it. */
  public Future<OriginConnection> connection() {
    steps.whenReady(capabilities, () -> steps.handOver(handshake));
    return steps.connection();
  }

  /**
   * The connection for a device that goes on in plaintext.
   *
   * @param hello what it introduced itself with, or null when it did not
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

  private void fail(Throwable cause) {
    capabilities.tryFailure(cause);
  }

  @Override
  public void close() {
    steps.close();
  }
}
