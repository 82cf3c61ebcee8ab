package org.tlsuplift.server.signin.openid;

/** A sign-in with OpenID Connect failed. The message has the cause and the remedy, for the log. */
public final class OpenIdException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String shown;

  private OpenIdException(int status, String shown, String message) {
    super(message);
    this.status = status;
    this.shown = shown;
  }

  /**
   * The provider's response proves nobody's identity.
   *
   * @param shown what the person can do
   */
  public static OpenIdException refused(String shown, String message) {
    return new OpenIdException(403, shown, message);
  }

  /** The provider cannot be used now, or with this configuration. */
  static OpenIdException unusable(String shown, String message) {
    return new OpenIdException(502, shown, message);
  }

  /** Whether the sign-in counts as refused. */
  public boolean isRefusal() {
    return status == 403;
  }

  /** The status of the response to the person. */
  public int status() {
    return status;
  }

  /** The sentence for the person, who may be anyone. */
  public String shown() {
    return shown;
  }
}
