package org.tlsuplift.server.mail;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.signin.dialogue.OriginExchange;
import org.tlsuplift.proxy.upstream.OriginSignInResult;
import org.tlsuplift.proxy.upstream.TlsMailOrigin;
import org.tlsuplift.proxy.upstream.UpstreamConnector;
import org.tlsuplift.proxy.upstream.dial.DialContext;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;

/**
 * Connects to one mail server as sessions connect to an origin. The methods block, so never call
 * them on an event loop.
 *
 * @param loop of the connector
 */
public record MailClient(
    UpstreamConnector connector, EventLoop loop, RouteDecision.Bridge bridge, MailService service) {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private <T> T onLoop(Callable<T> task) throws InterruptedException {
    return loop.submit(task).sync().getNow();
  }

  /** Connects and reads the server's capabilities under TLS, without ALPN because mail has none. */
  public TlsMailOrigin reach() throws InterruptedException {
    return onLoop(
        () -> connector.prepareSecuredMail(DialContext.itself(loop), bridge, service, reply -> {}));
  }

  /** Completes a connection of {@link #reach}. The caller closes it. */
  public Future<OriginConnection> connection(TlsMailOrigin reached) throws InterruptedException {
    return onLoop(reached::connection);
  }

  /** Signs in on a new connection. */
  public Future<OriginSignInResult> signIn(OriginExchange exchange) throws InterruptedException {
    return onLoop(
        () ->
            connector.signIn(
                DialContext.itself(loop), bridge, service, null, exchange, reply -> {}));
  }

  /** Connects to an SMTP server without a sign-in. */
  public SmtpCommands smtp() throws IOException, InterruptedException {
    TlsMailOrigin reached = reach();
    OriginConnection connection = completed(connection(reached));
    return SmtpCommands.on(connection, reached.capabilities().getNow());
  }

  /** The result of a step, which is cancelled if it takes longer than a minute. */
  public static <T> T completed(Future<T> step) throws IOException, InterruptedException {
    try {
      if (step.await(LIMIT.toMillis(), TimeUnit.MILLISECONDS) && step.isSuccess()) {
        return step.getNow();
      }
      throw new IOException(
          step.cause() == null
              ? "the server has not responded within " + LIMIT.toSeconds() + " s"
              : String.valueOf(step.cause().getMessage()).strip(),
          step.cause());
    } finally {
      step.cancel(false);
    }
  }
}
