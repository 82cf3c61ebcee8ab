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
  private final Promise<OriginConnection> connection;
  private @Nullable OriginHandshake handshake;

  private SecuredMailOrigin(MailSteps steps) {
    this.steps = steps;
    this.capabilities = steps.loop().newPromise();
    this.connection = steps.loop().newPromise();
  }

  /** Dials, begins TLS as the service says, and asks for the capabilities. */
  static SecuredMailOrigin start(MailSteps steps, RouteDecision.Bridge bridge) {
    SecuredMailOrigin origin = new SecuredMailOrigin(steps);
    steps.onFailure(origin::fail);
    origin.connection.addListener(
        done -> {
          if (origin.connection.isCancelled()) {
            steps.close();
          }
        });
    boolean implicit = steps.mail().originTls() == OriginTls.IMPLICIT;
    if (implicit) {
      steps.dial(
          () ->
              steps.verify(
                  bridge,
                  List.of(),
                  false,
                  agreed -> {
                    origin.handshake = agreed;
                    steps.ask(OriginConversation::greeting, greeting -> origin.learn());
                  }));
    } else {
      steps.dial(
          () ->
              steps.agree(
                  forgotten -> {},
                  () ->
                      steps.verify(
                          bridge,
                          List.of(),
                          true,
                          agreed -> {
                            origin.handshake = agreed;
                            origin.learn();
                          })));
    }
    return origin;
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
    whenReady(this::handOver);
    return connection;
  }

  /**
   * The connection for a device that goes on in plaintext.
   *
   * @param hello what it introduced itself with, or null when it did not
   */
  public Future<OriginConnection> introduce(@Nullable String hello) {
    whenReady(
        () -> {
          if (hello == null) {
            handOver();
          } else {
            steps.ask(conversation -> conversation.introduce(hello), taken -> handOver());
          }
        });
    return connection;
  }

  private void whenReady(Runnable next) {
    capabilities.addListener(
        done -> {
          if (capabilities.isSuccess() && !connection.isDone()) {
            next.run();
          }
        });
  }

  private void handOver() {
    if (!connection.trySuccess(steps.handOver(handshake))) {
      steps.close();
    }
  }

  private void fail(Throwable cause) {
    capabilities.tryFailure(cause);
    connection.tryFailure(cause);
  }

  @Override
  public void close() {
    steps.close();
  }
}
