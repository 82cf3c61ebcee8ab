package org.tlsuplift.server.https;

import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.net.URI;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.upstream.dial.DialContext;
import org.tlsuplift.proxy.upstream.dial.HttpFetch;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.dial.OriginUnavailableException;
import org.tlsuplift.proxy.upstream.dial.Promises;

/**
 * A server that the program itself sends requests to. Each request has its own connection, which is
 * like those to origins: TLS 1.2 or later, the same roots, the same upstream proxy. Redirects are
 * not followed.
 *
 * <p>Has its own event loop. {@link #send} blocks; not for event loops. Thread-safe.
 */
public final class HttpsService implements AutoCloseable {
  private final HostPort server;
  private final String setting;
  private final Bounds bounds;
  private final OwnConnections connections;

  /**
   * The limits of a request.
   *
   * @param time until the response is complete
   * @param bytes of the response's body
   */
  public record Bounds(Duration time, int bytes) {}

  /**
   * Opens no connection yet.
   *
   * @param server of requests that name no other
   * @param setting the key of the configuration that has the server, for messages
   */
  public HttpsService(HostPort server, String setting, Bounds bounds, Outgoing way) {
    this.server = server;
    this.setting = setting;
    this.bounds = bounds;
    connections = new OwnConnections(way);
  }

  /** The host and the port of an https URL. */
  public static HostPort server(URI url) {
    return new HostPort(url.getHost(), url.getPort() < 0 ? 443 : url.getPort());
  }

  /** Sends a request and waits for the whole response, whatever its status. */
  public HttpsResponse send(HttpsRequest request) throws OperatorException {
    return send(server, request);
  }

  /** Sends a request to another server, which the caller must trust as much. */
  public HttpsResponse send(HostPort server, HttpsRequest request) throws OperatorException {
    DialContext dialContext = DialContext.itself(connections.loop());
    Promise<FullHttpResponse> answer = dialContext.loop().newPromise();
    Future<OriginConnection> connecting =
        connections
            .connector()
            .connectTls(
                dialContext,
                new RouteDecision.Bridge(server, server.host(), setting, null),
                List.of("http/1.1"));
    Promises.then(
        connecting,
        answer,
        connection ->
            HttpFetch.start(connection.channel(), request.encoded(server), bounds.bytes(), answer));
    try {
      if (!answer.await(bounds.time().toMillis(), TimeUnit.MILLISECONDS)) {
        connecting.cancel(false);
        answer.cancel(false);
        throw new OperatorException(
            "%s has not responded within %d s; check with: tls-uplift probe %s"
                .formatted(
                    server,
                    bounds.time().toSeconds(),
                    ShortText.argument(server.toString(), "HOST:PORT")));
      }
    } catch (InterruptedException ended) {
      connecting.cancel(false);
      answer.cancel(false);
      Thread.currentThread().interrupt();
      throw new OperatorException("the program is shutting down");
    }
    if (!answer.isSuccess()) {
      throw new OperatorException(explain(server, answer.cause()), answer.cause());
    }
    return HttpsResponse.of(answer.getNow());
  }

  private String explain(HostPort server, Throwable failure) {
    if (failure instanceof OriginUnavailableException) {
      // Its message names the server.
      return String.valueOf(failure.getMessage());
    }
    if (failure instanceof TooLongFrameException) {
      // The message quotes the start of the response.
      return server + ": the response is larger than " + bounds.bytes() / 1024 + " KiB";
    }
    if (failure instanceof PrematureChannelClosureException) {
      return server + ": the connection was closed during the response";
    }
    return server
        + ": "
        + (failure instanceof ClosedChannelException
            ? "the connection was closed without a response"
            : failure.getMessage());
  }

  @Override
  public void close() {
    connections.close();
  }
}
