package org.tlsuplift.server.https;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.tlsuplift.proxy.model.HostPort;

/**
 * A request.
 *
 * @param method such as {@code GET}
 * @param target the path and the query
 * @param headers without Host, Content-Length and Connection
 * @param body empty for none; never changes
 */
public record HttpsRequest(
    String method, String target, Map<String, String> headers, ByteBuffer body) {
  public HttpsRequest {
    headers = Map.copyOf(headers);
  }

  /** A request with text in UTF-8. */
  public HttpsRequest(String method, String target, Map<String, String> headers, String body) {
    this(method, target, headers, StandardCharsets.UTF_8.encode(body));
  }

  /** A request for JSON. */
  public static HttpsRequest get(String target) {
    return new HttpsRequest("GET", target, Map.of("Accept", "application/json"), "");
  }

  FullHttpRequest encoded(HostPort server) {
    DefaultFullHttpRequest encoded =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1,
            HttpMethod.valueOf(method),
            target,
            Unpooled.wrappedBuffer(body.duplicate()));
    headers.forEach((name, value) -> encoded.headers().set(name, value));
    if (method.equals("POST")) {
      // Also without a body (RFC 9110, section 8.6).
      HttpUtil.setContentLength(encoded, body.remaining());
    }
    encoded
        .headers()
        .set(HttpHeaderNames.HOST, server.port() == 443 ? server.host() : server.toString());
    return encoded;
  }
}
