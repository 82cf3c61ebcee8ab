package org.tlsuplift.server.metrics;

import org.tlsuplift.proxy.model.Labelled;

/** Why a sign-in at the admin port was refused. */
public enum SignInRefusal implements Labelled {
  /** The name, password or token was wrong. */
  WRONG,
  /** It was not checked, after too many wrong ones. */
  SLOWED,
  /** It was not checked, because too many checks were running. */
  BUSY
}
