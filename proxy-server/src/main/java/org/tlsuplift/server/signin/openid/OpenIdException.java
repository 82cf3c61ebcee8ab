package org.tlsuplift.server.signin.openid;

/** A sign-in with OpenID Connect failed. The message has the cause and the remedy, for the log. */
public final class OpenIdException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean refusal;
  private final String shown;
  private final String reason;
  private final String remedy;

  private OpenIdException(boolean refusal, String shown, String reason, String remedy) {
    super(remedy.isEmpty() ? reason : reason + "; " + remedy);
    this.refusal = refusal;
    this.shown = shown;
    this.reason = reason;
    this.remedy = remedy;
  }

  /**
   * The provider's response proves nobody's identity.
   *
   * @param shown what the person can do
   */
  public static OpenIdException refused(String shown, String message) {
    return new OpenIdException(true, shown, message, "");
  }

  /** The provider cannot be used now, or with this configuration. */
  static OpenIdException unusable(String reason, String remedy) {
    return new OpenIdException(
        false,
        "the identity provider cannot be used now; the log has the cause; try again later",
        reason,
        remedy);
  }

  /** Whether the sign-in counts as refused. */
  public boolean isRefusal() {
    return refusal;
  }

  /** The sentence for the person, who may be anyone. */
  public String shown() {
    return shown;
  }

  /** The message without its remedy. */
  public String reason() {
    return reason;
  }

  /** The second part of the message, if the provider cannot be used. */
  public String remedy() {
    return remedy;
  }
}
