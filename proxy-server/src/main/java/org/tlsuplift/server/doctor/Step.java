package org.tlsuplift.server.doctor;

import java.util.Locale;

/** The steps of the way, in their order. */
public enum Step {
  /** What is asked of whom: listener, origin, account. */
  ACCOUNT,
  /** The origin's name has addresses. */
  NAME,
  /** An address takes a connection. */
  CONNECTION,
  /** An origin of the kind begins TLS when asked. */
  STARTTLS,
  /** A version is agreed that may be used. */
  TLS,
  /** The origin is who it should be. */
  CERTIFICATE,
  /** The origin offers the sign-in that is ours. */
  XOAUTH2,
  /** The identity platform gives a token. */
  TOKEN,
  /** The token is for that service, with the right to use it. */
  RIGHTS,
  /** The origin takes the token for the mailbox. */
  SIGN_IN,
  /** The origin takes the sender. */
  SENDER;

  /** As printed, and in JSON. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
