package org.tlsuplift.server.doctor;

import java.util.Locale;

/** The steps of the path, in order. */
public enum Step {
  /** The listener, origin and account to check. */
  ACCOUNT,
  /** The origin's name has addresses. */
  NAME,
  /** An address accepts a connection. */
  CONNECTION,
  /** An origin that needs STARTTLS offers it. */
  STARTTLS,
  /** The agreed TLS version is allowed. */
  TLS,
  /** The certificate is valid for the origin. */
  CERTIFICATE,
  /** The origin offers XOAUTH2. */
  XOAUTH2,
  /** The identity platform issues a token. */
  TOKEN,
  /** The token is for the mail service and has the permission for the protocol. */
  RIGHTS,
  /** The origin accepts the token for the mailbox. */
  SIGN_IN,
  /** The origin accepts the sender. */
  SENDER;

  /** The name in text and in JSON. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
