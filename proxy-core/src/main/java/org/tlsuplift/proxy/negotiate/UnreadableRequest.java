package org.tlsuplift.proxy.negotiate;

import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.ContentLengthNotAllowedException;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.TooLongHttpLineException;

/** Explains why the decoder could not read a request. */
final class UnreadableRequest {
  /**
   * The path that Netty's decoder sets for an unreadable request line.
   *
   * <p>To report: "The DecoderResult of HttpRequestDecoder does not tell whether the line or a
   * header is invalid." Delete when it does.
   */
  private static final String NO_LINE = "/bad-request";

  private UnreadableRequest() {}

  static RefusedRequestException of(HttpObject part) {
    Throwable cause = part.decoderResult().cause();
    if (cause instanceof TooLongHttpLineException) {
      return new RefusedRequestException(
          HttpResponseStatus.REQUEST_URI_TOO_LONG, "the request line is too long");
    }
    if (cause instanceof TooLongFrameException) {
      return new RefusedRequestException(
          HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the header is too large");
    }
    return new RefusedRequestException(
        HttpResponseStatus.BAD_REQUEST,
        cause instanceof ContentLengthNotAllowedException
            ? "the request has a Content-Length and a Transfer-Encoding"
            : part instanceof HttpRequest request && request.uri().equals(NO_LINE)
                ? "this is not an HTTP request; this port expects 'CONNECT host:port'"
                : "the request is malformed");
  }
}
