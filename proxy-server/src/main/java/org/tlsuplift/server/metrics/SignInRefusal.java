package org.tlsuplift.server.metrics;

import org.tlsuplift.proxy.model.Labelled;

/** Why a sign-in at the admin port was refused. */
public enum SignInRefusal implements Labelled {
  /** The name, password or token was wrong. */
  WRONG,
  /** The token has expired. */
  EXPIRED,
  /** The sign-in was not checked, because too many earlier ones failed. */
  SLOWED,
  /** The sign-in was not checked, because too many checks were running. */
  BUSY
}
