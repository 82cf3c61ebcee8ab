package org.tlsuplift.proxy.negotiate;

import io.netty.handler.codec.http.HttpResponseStatus;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.outcome.CloseReason;

/** A request that gets an error response and is not forwarded. */
final class RefusedRequestException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient HttpResponseStatus status;
  private final CloseReason reason;
  private final transient Explanation why;

  RefusedRequestException(HttpResponseStatus status, String cause) {
    this(status, cause, "update the device, or capture the request and report it");
  }

  RefusedRequestException(HttpResponseStatus status, String cause, String remedy) {
    this(status, CloseReason.NEGOTIATION_REFUSED, Explanation.of(cause, remedy));
  }

  RefusedRequestException(HttpResponseStatus status, CloseReason reason, Explanation why) {
    // Without a stack trace, because devices can cause this exception at will.
    super(why.text(), null, false, false);
    this.status = status;
    this.reason = reason;
    this.why = why;
  }

  HttpResponseStatus status() {
    return status;
  }

  CloseReason reason() {
    return reason;
  }

  Explanation why() {
    return why;
  }
}
