package org.tlsuplift.server.mail;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A way in which kept messages leave. Thread-safe; blocks. */
public interface Transport {
  /** The data of a message; each call reads it from the beginning. */
  @FunctionalInterface
  interface Content {
    /** As on the wire, with doubled dots; without the line that ends the data. */
    InputStream open() throws IOException;
  }

  /**
   * Tries once to deliver a message to its open recipients. Ends within some minutes.
   *
   * @param header lines to put before the data, each with CRLF; may be empty
   */
  Result send(OutgoingMessage message, String header, Content content) throws InterruptedException;

  /**
   * What became of it.
   *
   * @param by how it went, such as {@code Microsoft Graph}, or {@code smtp.office365.com:587} with
   *     the reply that accepted it
   * @param accepted the recipients for whom the destination accepted it
   * @param refused the recipients that will never get it, and why: one printable line each
   * @param deferred the recipients to try again, and why
   * @param retryAfter null unless the failure concerns all messages of the account; then the
   *     shortest wait that the destination asked for, or zero
   */
  record Result(
      String by,
      List<String> accepted,
      Map<String, String> refused,
      Map<String, String> deferred,
      @Nullable Duration retryAfter) {
    public Result {
      accepted = List.copyOf(accepted);
      refused = Map.copyOf(refused);
      deferred = Map.copyOf(deferred);
    }
  }
}
