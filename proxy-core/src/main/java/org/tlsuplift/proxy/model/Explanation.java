package org.tlsuplift.proxy.model;

import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What went wrong with a session and what the operator can do. Each part is one line and may be
 * empty.
 *
 * @param cause what happened, such as {@code the device sent alert 48 (unknown_ca)}
 * @param remedy what to do; if empty, the remedy of the close reason applies
 * @param detail what is too long for a log line, such as lists of what is offered and allowed
 */
public record Explanation(String cause, String remedy, String detail) {
  public static final Explanation NONE = of("");

  /** A cause without its own remedy. */
  public static Explanation of(String cause) {
    return of(cause, "");
  }

  public static Explanation of(String cause, String remedy) {
    return new Explanation(cause, remedy, "");
  }

  /** All parts in one line, for devices and the access log. */
  public String text() {
    return Stream.of(cause, remedy, detail)
        .filter(part -> !part.isEmpty())
        .collect(Collectors.joining("; "));
  }
}
