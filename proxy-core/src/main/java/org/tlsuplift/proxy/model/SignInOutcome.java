package org.tlsuplift.proxy.model;

/** The result of a device's sign-in, in terms that an operator can act on. */
public enum SignInOutcome implements Labelled {
  /** The device is known, and the origin accepted the proxy's token for its mailbox. */
  SIGNED_IN("nothing to do"),
  /** The login is unknown, the password is wrong, or the device's address is not allowed. */
  BAD_CREDENTIALS(
      "compare login, password and subnet of the device with 'tls-uplift accounts list'"),
  /** The device did not sign in, and no account admits it by its address. */
  NOT_ADMITTED("set login and password in the device, or give an account without login its subnet"),
  /** Password guesses are being slowed, or too many passwords are being checked. */
  GUESSES_SLOWED("find the device with an old password, or the host that guesses passwords"),
  /** The mailbox already has all its allowed sessions. */
  MAILBOX_BUSY("use more mailboxes if it repeats; some devices try again, others drop the scan"),
  /** No token at the moment: the identity platform is unreachable, slow or throttling. */
  TOKEN_UNAVAILABLE("let this machine reach the identity platform; then send again"),
  /** No token until the operator changes something. */
  TOKEN_REFUSED("run 'tls-uplift doctor': it names the step that fails and its remedy"),
  /** The origin could not be reached or verified. */
  ORIGIN_UNAVAILABLE("run 'tls-uplift probe' for the origin: it names the step that fails"),
  /** The origin refused for now; a later attempt may succeed. */
  ORIGIN_BUSY("send again later; some devices do so by themselves"),
  /** The origin refuses the mailbox or the token, even a new token. */
  ORIGIN_REFUSED("run 'tls-uplift doctor': it explains the origin's reply"),
  /** The device left before the reply. */
  ABANDONED("raise the device's timeout if it repeats");

  private final String remedy;

  SignInOutcome(String remedy) {
    this.remedy = remedy;
  }

  /** The remedy for the operator, in one line. */
  public String remedy() {
    return remedy;
  }
}
