package org.tlsuplift.proxy.signin;

/** The result of a {@link SignInRequest}. Each text is one line for the log, without secrets. */
public sealed interface AccountResult {
  /**
   * The account of the device.
   *
   * @param access how this proxy signs in at the origin for it
   * @param standing whether the account still admits the device
   */
  record Known(MailAccount account, OriginAccess access, Standing standing)
      implements AccountResult {
    /** The cause in the log when the account no longer admits the device. */
    public String revoked() {
      return "account " + account.mailbox() + " was removed, disabled or changed";
    }
  }

  /**
   * Whether an account still admits the device that it admitted, with the same credential and the
   * same rights. Fast and thread-safe, because event loops ask after each change of the accounts.
   */
  interface Standing {
    /** The standing of accounts that never change. */
    Standing PERMANENT = () -> true;

    boolean holds();

    /** The origin accepted the sign-in of this device. Never blocks. */
    default void signedIn() {}
  }

  /**
   * The login is unknown, the password is wrong, or the address is not allowed. The device does not
   * learn which.
   */
  record Unknown(String why) implements AccountResult {}

  /** No result at the moment: too many checks are running, or guesses are slowed. Try again. */
  record Unavailable(String why) implements AccountResult {}
}
