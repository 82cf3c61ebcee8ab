package org.tlsuplift.server.signin.token;

import java.util.Locale;
import org.tlsuplift.proxy.signin.TokenResult;

/** What became of a request for a token. */
public enum TokenOutcome {
  ISSUED,
  UNAVAILABLE,
  /** Not before somebody changes something. */
  REFUSED;

  /** The value of the metric tag. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  static TokenOutcome of(TokenResult answer) {
    if (answer instanceof TokenResult.Issued) {
      return ISSUED;
    }
    return answer instanceof TokenResult.Refused ? REFUSED : UNAVAILABLE;
  }
}
