package org.tlsuplift.server.doctor;

import org.tlsuplift.server.feature.Step;

/** The steps of the path of mail, in order, and of the sign-in to the pages. */
public enum PathStep implements Step {
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
  /** The origin offers a mechanism for passwords. */
  MECHANISM,
  /** The identity platform issues a token. */
  TOKEN,
  /** The token is for the mail service and has the permission for the protocol. */
  RIGHTS,
  /** The password for the origin can be read. */
  PASSWORD,
  /** The origin accepts the token or password. */
  SIGN_IN,
  /** The origin accepts the sender. */
  SENDER,
  /** The discovery document of the OpenID provider is that of the configured issuer. */
  DISCOVERY,
  /** The OpenID provider signs ID tokens with an algorithm that is accepted. */
  ALGORITHM,
  /** The OpenID provider publishes its keys. */
  KEYS,
  /** The addresses that the OpenID provider must know. */
  REDIRECT_URI
}
