package org.tlsuplift.server.https;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.tlsuplift.proxy.model.HostPort;

/**
 * A request.
 *
 * @param method such as {@code GET}
 * @param target the path and the query
 * @param headers without Host, Content-Length and Connection
 * @param body UTF-8; empty for none
 */
public record HttpsRequest(String method, String target, Map<String, String> headers, String body) {
  public HttpsRequest {
    headers = Map.copyOf(headers);
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
            Unpooled.copiedBuffer(body, StandardCharsets.UTF_8));
    headers.forEach((name, value) -> encoded.headers().set(name, value));
    encoded
        .headers()
        .set(HttpHeaderNames.HOST, server.port() == 443 ? server.host() : server.toString());
    return encoded;
  }
}
