package org.tlsuplift.server.signin.token;

import org.tlsuplift.proxy.model.Labelled;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.signin.TokenResult;

/** The outcome of a token request. */
public enum TokenOutcome implements Labelled {
  ISSUED,
  UNAVAILABLE,
  /** An operator must change something first. */
  REFUSED;

  static TokenOutcome of(TokenResult answer) {
    if (answer instanceof TokenResult.Issued) {
      return ISSUED;
    } else if (answer instanceof TokenResult.Refused) {
      return REFUSED;
    } else if (answer instanceof TokenResult.Unavailable) {
      return UNAVAILABLE;
    }
    throw new UnhandledVariantException(answer);
  }
}
