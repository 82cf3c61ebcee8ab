package org.tlsuplift.proxy.outcome;

import org.jspecify.annotations.Nullable;

/** The result of a device's sign-in, in terms that an operator can act on. */
public enum SignInOutcome implements Outcome {
  SIGNED_IN(
      Side.NONE,
      Level.DEBUG,
      "The origin accepted the proxy's token for the mailbox",
      "nothing to do",
      null),
  BAD_CREDENTIALS(
      Side.DEVICE,
      "The login is unknown, the password is wrong, or the device's address is not allowed",
      "compare login, password and subnet of the device with 'tls-uplift accounts list'"),
  NOT_ADMITTED(
      Side.DEVICE,
      "The device did not sign in, and no account admits it by its address",
      "set login and password in the device, or give an account without login its subnet"),
  GUESSES_SLOWED(
      Side.DEVICE,
      "Password guesses are being slowed, or too many passwords are being checked",
      "find the device with an old password, or the host that guesses passwords"),
  MAILBOX_BUSY(
      Side.PROXY,
      "The mailbox already has all its allowed sessions",
      "use more mailboxes if it repeats; some devices try again, others drop the scan"),
  TOKEN_UNAVAILABLE(
      Side.ORIGIN,
      "No token now: the identity platform is unreachable, slow or throttling",
      "let this machine reach the identity platform; then send again",
      Alert.SIGN_IN_FAILS),
  TOKEN_REFUSED(
      Side.ORIGIN,
      "No token until an operator changes something",
      "run 'tls-uplift doctor': it names the step that fails and its remedy",
      Alert.SIGN_IN_FAILS),
  ORIGIN_UNAVAILABLE(
      Side.ORIGIN,
      "The origin could not be reached or verified",
      "run 'tls-uplift probe' for the origin: it names the step that fails",
      Alert.SIGN_IN_FAILS),
  ORIGIN_BUSY(
      Side.ORIGIN,
      "The origin refused for now; a later attempt may succeed",
      "send again later; some devices do so by themselves"),
  ORIGIN_REFUSED(
      Side.ORIGIN,
      "The origin refuses the mailbox or the token, even a new token",
      "run 'tls-uplift doctor': it explains the origin's reply",
      Alert.SIGN_IN_FAILS),
  ABANDONED(
      Side.DEVICE,
      Level.DEBUG,
      "The device left before the reply",
      "raise the device's timeout if it repeats",
      null);

  @SuppressWarnings("ImmutableEnumChecker") // a record of texts and enums
  private final Facts facts;

  SignInOutcome(Side side, String title, String remedy) {
    this(side, title, remedy, null);
  }

  SignInOutcome(Side side, String title, String remedy, @Nullable Alert alert) {
    this(side, Level.WARN, title, remedy, alert);
  }

  SignInOutcome(Side side, Level level, String title, String remedy, @Nullable Alert alert) {
    facts = new Facts(side, level, title, remedy, "", alert);
  }

  @Override
  public Facts facts() {
    return facts;
  }
}
