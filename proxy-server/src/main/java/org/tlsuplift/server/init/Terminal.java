package org.tlsuplift.server.init;

import org.jspecify.annotations.Nullable;

/** Where the operator answers. */
public interface Terminal {
  void line(String text);

  /** The answer without its end of line, or null when there is no more input. */
  @Nullable String ask(String prompt);
}
