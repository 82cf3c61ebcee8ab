package org.tlsuplift.server.metrics;

import org.tlsuplift.proxy.model.Labelled;

/** Why a sign-in at the admin port was refused. */
public enum SignInRefusal implements Labelled {
  /** The name, password or token was wrong. */
  WRONG,
  /** It was not looked at, after too many that were wrong. */
  SLOWED,
  /** It was not looked at, because too many others were. */
  BUSY
}
