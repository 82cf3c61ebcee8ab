package org.tlsuplift.server.signin.token;

import com.microsoft.aad.msal4j.HttpRequest;
import com.microsoft.aad.msal4j.IHttpClient;
import com.microsoft.aad.msal4j.IHttpResponse;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.https.HttpsRequest;
import org.tlsuplift.server.https.HttpsResponse;
import org.tlsuplift.server.https.HttpsService;
import org.tlsuplift.server.https.Outgoing;

/**
 * Sends the library's requests with connections like those to origins. Each request has ten
 * seconds, and its response at most 256 KiB.
 *
 * <p>{@link #send} blocks; not for event loops.
 */
public final class PlatformHttp implements IHttpClient, AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final int MAX_ANSWER = 256 * 1024;

  private final HostPort platform;
  private final HttpsService https;

  /**
   * @param authority the identity platform's address; no request goes elsewhere
   * @param way of connections
   */
  public PlatformHttp(URI authority, Outgoing way) {
    this(authority, way, LIMIT);
  }

  PlatformHttp(URI authority, Outgoing way, Duration limit) {
    platform = HttpsService.server(authority);
    HttpsService.Bounds bounds = new HttpsService.Bounds(limit, MAX_ANSWER);
    https = new HttpsService(platform, "signIn.authority", bounds, way);
  }

  /** A response of the identity platform. */
  record Answer(int statusCode, Map<String, List<String>> headers, String body)
      implements IHttpResponse {
    @Override
    public String toString() {
      return "status " + statusCode;
    }
  }

  @Override
  public IHttpResponse send(HttpRequest request) throws IOException {
    if (!request.url().getHost().equalsIgnoreCase(platform.host())) {
      throw new IOException("the library requests a host that is not configured");
    }
    HttpsRequest encoded =
        new HttpsRequest(
            request.httpMethod().name(),
            request.url().getFile(),
            Objects.requireNonNullElse(request.headers(), Map.of()),
            Objects.requireNonNullElse(request.body(), ""));
    try {
      // The library sometimes drops the port of an authority; the configured one is used.
      return answer(https.send(encoded));
    } catch (OperatorException failed) {
      throw new PlatformUnreachableException(failed.getMessage());
    }
  }

  private Answer answer(HttpsResponse response) throws PlatformUnreachableException {
    String body = response.body().strip();
    if (!body.startsWith("{") || !body.endsWith("}")) {
      // The library would log its content.
      throw new PlatformUnreachableException(
          "%s: status %s without JSON; a proxy on the way may have sent it; check with: tls-uplift probe %s"
              .formatted(
                  platform,
                  response.status(),
                  ShortText.argument(platform.toString(), "HOST:PORT")),
          response.headers());
    }
    return new Answer(response.status(), response.headers(), body);
  }

  @Override
  public void close() {
    https.close();
  }
}
