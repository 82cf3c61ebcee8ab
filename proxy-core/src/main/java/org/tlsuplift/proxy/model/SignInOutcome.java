package org.tlsuplift.proxy.model;

/** The result of a device's sign-in, in terms that an operator can act on. */
public enum SignInOutcome implements Labelled {
  /** The device is known, and the origin accepted our token for its mailbox. */
  SIGNED_IN("nothing to do"),
  /** The login is unknown, the password is wrong, or the device's address is not allowed. */
  BAD_CREDENTIALS(
      "check the login and password in the device, and the account's subnets ('tls-uplift accounts list')"),
  /** The device did not sign in, and no account admits it by its address. */
  NOT_ADMITTED(
      "set a login and password in the device, or add the device's subnet to an account without a login"),
  /** Password guesses are being slowed, or too many passwords are being checked. */
  GUESSES_SLOWED("look for a device with an old password, or for password guessing"),
  /** The mailbox already has all its allowed sessions. */
  MAILBOX_BUSY(
      "the device retries by itself; if this continues, spread the devices over more mailboxes"),
  /** No token at the moment: the identity platform is unreachable, slow or throttling. */
  TOKEN_UNAVAILABLE("check the network path to the identity platform; devices retry by themselves"),
  /** No token until the operator changes something. */
  TOKEN_REFUSED("see the detail; 'tls-uplift doctor' checks each step and names the remedy"),
  /** The origin could not be reached or verified. */
  ORIGIN_UNAVAILABLE("see the detail; 'tls-uplift probe' lists what the origin accepts"),
  /** The origin refused for now; a later attempt may succeed. */
  ORIGIN_BUSY("the device retries by itself; see the origin's reply"),
  /** The origin refuses the mailbox or the token, even a new token. */
  ORIGIN_REFUSED("see the origin's reply; 'tls-uplift doctor' names the remedy"),
  /** The device left before the reply. */
  ABANDONED("if this continues, raise the device's timeout");

  private final String remedy;

  SignInOutcome(String remedy) {
    this.remedy = remedy;
  }

  /** The remedy for the operator, in one line. */
  public String remedy() {
    return remedy;
  }
}
