package org.tlsuplift.server.signin.openid;

/** A sign-in with OpenID Connect failed. The message has the cause and the remedy, for the log. */
public final class OpenIdException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean refusal;
  private final String shown;

  private OpenIdException(boolean refusal, String shown, String message) {
    super(message);
    this.refusal = refusal;
    this.shown = shown;
  }

  /**
   * The provider's response proves nobody's identity.
   *
   * @param shown what the person can do
   */
  public static OpenIdException refused(String shown, String message) {
    return new OpenIdException(true, shown, message);
  }

  /** The provider cannot be used now, or with this configuration. */
  static OpenIdException unusable(String message) {
    return new OpenIdException(
        false,
        "the identity provider cannot be used now; the log has the cause; try again later",
        message);
  }

  /** Whether the sign-in counts as refused. */
  public boolean isRefusal() {
    return refusal;
  }

  /** The sentence for the person, who may be anyone. */
  public String shown() {
    return shown;
  }
}
