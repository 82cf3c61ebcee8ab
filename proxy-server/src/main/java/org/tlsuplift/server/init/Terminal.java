package org.tlsuplift.server.init;

import org.jspecify.annotations.Nullable;

/** The terminal at which the operator answers. */
public interface Terminal {
  void line(String text);

  /** The answer without its end of line; null at the end of the input. */
  @Nullable String ask(String prompt);
}
