package org.tlsuplift.proxy.model;

/** How the sign-in of a device ended, in terms an operator can act on. */
public enum SignInOutcome implements Labelled {
  /** The device is known, and the origin accepted our token for its mailbox. */
  SIGNED_IN("nothing to do"),
  /** No such login, a wrong password, or not from this address. */
  BAD_CREDENTIALS(
      "check login and password in the device against 'tls-uplift accounts list', and the subnets of the account"),
  /** The device did not sign in, and its address alone belongs to no account. */
  NOT_ADMITTED(
      "set login and password in the device, or give an account without a login the device's subnet"),
  /** Guesses are slowed, or too many passwords are being checked. */
  GUESSES_SLOWED("look for a device with an old password, or for someone who guesses"),
  /** The mailbox has all its allowed sessions. */
  MAILBOX_BUSY(
      "the device tries again by itself; spread devices over more mailboxes if it goes on"),
  /** No token now: the identity platform is unreachable, slow, or asks for patience. */
  TOKEN_UNAVAILABLE("check the way to the identity platform; devices try again by themselves"),
  /** No token before somebody changes something. */
  TOKEN_REFUSED("see the detail; 'tls-uplift doctor' walks the chain and names the remedy"),
  /** The origin could not be reached or verified. */
  ORIGIN_UNAVAILABLE("see the detail; 'tls-uplift probe' tells what the origin agrees to"),
  /** The origin asks for patience. */
  ORIGIN_BUSY("the device tries again by itself; see the reply that the origin gave"),
  /** The origin refuses the mailbox or the token, also a new one. */
  ORIGIN_REFUSED("see the reply that the origin gave; 'tls-uplift doctor' names the remedy"),
  /** The device left before the reply. */
  ABANDONED("raise the device's timeout if it goes on");

  private final String remedy;

  SignInOutcome(String remedy) {
    this.remedy = remedy;
  }

  /** What an operator can do about it, in one line. */
  public String remedy() {
    return remedy;
  }
}
