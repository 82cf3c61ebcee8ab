package org.tlsuplift.proxy.negotiate;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.util.List;
import java.util.Set;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.outcome.CloseReason;

/** Checks that a plain HTTP request is small and unambiguous, so that it may be forwarded. */
final class ForwardableRequest {
  /** In bytes. OCSP requests, the only content posted in plaintext, have a few hundred. */
  static final int MAX_CONTENT = 64 * 1024;

  private static final Set<HttpMethod> METHODS =
      Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.POST);

  private ForwardableRequest() {}

  /**
   * Checks the head of a request.
   *
   * @throws RefusedRequestException with the response text for the device
   */
  static RequestTarget check(HttpRequest request) throws RefusedRequestException {
    if (!METHODS.contains(request.method())) {
      throw new RefusedRequestException(
          HttpResponseStatus.METHOD_NOT_ALLOWED,
          "only GET, HEAD and POST are forwarded in plain HTTP",
          "use https, for which the device connects by 'CONNECT host:port'");
    }
    HttpNegotiator.requireVersion1(request);
    RequestTarget target = RequestTarget.parse(request.uri());
    checkContent(request);
    if (ForwardedHeaders.cameThroughUs(request.headers())) {
      throw new RefusedRequestException(
          HttpResponseStatus.FORBIDDEN,
          CloseReason.LOOP,
          Explanation.of(
              "the request has come through TLS Uplift before, as its Via header shows",
              "find the proxy that sends requests back here"));
    }
    return target;
  }

  private static void checkContent(HttpRequest request) throws RefusedRequestException {
    List<String> codings = request.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
    if (!codings.isEmpty()
        && !(codings.size() == 1
            && HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(codings.get(0).strip()))) {
      throw new RefusedRequestException(
          HttpResponseStatus.NOT_IMPLEMENTED, "the only supported transfer coding is 'chunked'");
    }
    if (request.headers().contains(HttpHeaderNames.EXPECT)
        && request.protocolVersion().equals(HttpVersion.HTTP_1_1)
        && !HttpUtil.is100ContinueExpected(request)) {
      throw new RefusedRequestException(
          HttpResponseStatus.EXPECTATION_FAILED,
          "the only supported expectation is '100-continue'");
    }
    if (HttpUtil.getContentLength(request, 0L) > MAX_CONTENT) {
      throw tooLarge();
    }
  }

  static RefusedRequestException tooLarge() {
    return new RefusedRequestException(
        HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
        "the content of a plain HTTP request is limited to " + MAX_CONTENT + " bytes");
  }
}
