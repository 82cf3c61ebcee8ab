package org.tlsuplift.proxy.negotiate;

import io.netty.handler.codec.http.HttpResponseStatus;
import org.tlsuplift.proxy.model.CloseReason;

/** A request that gets an error response and is not forwarded. */
final class RefusedRequestException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient HttpResponseStatus status;
  private final CloseReason reason;

  RefusedRequestException(HttpResponseStatus status, String detail) {
    this(status, CloseReason.NEGOTIATION_REFUSED, detail);
  }

  RefusedRequestException(HttpResponseStatus status, CloseReason reason, String detail) {
    // Without a stack trace, because devices can cause this exception at will.
    super(detail, null, false, false);
    this.status = status;
    this.reason = reason;
  }

  HttpResponseStatus status() {
    return status;
  }

  CloseReason reason() {
    return reason;
  }

  String detail() {
    return String.valueOf(getMessage());
  }
}
