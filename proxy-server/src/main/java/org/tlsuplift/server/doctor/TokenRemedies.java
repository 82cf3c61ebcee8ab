package org.tlsuplift.server.doctor;

import java.util.Optional;
import org.tlsuplift.proxy.outcome.PlatformRefusal;
import org.tlsuplift.server.feature.Diagnosis;
import org.tlsuplift.server.feature.FailureKind;

/** The diagnoses of a missing token. */
final class TokenRemedies {
  private TokenRemedies() {}

  /**
   * The diagnosis for a permanent refusal.
   *
   * @param why the platform's message
   */
  static Diagnosis refused(CheckTarget checkTarget, String why) {
    Optional<PlatformRefusal> known = PlatformRefusal.of(PlatformRefusal.code(why));
    if (known.isPresent()) {
      return checkTarget.diagnosis(failureKind(known.get()), known.get().advice().split("\n", -1));
    }
    return checkTarget.isApplication() || !why.contains("no user has signed in")
        ? Diagnosis.of(
            PathFailure.TOKEN_REFUSED,
            "look up the code at https://login.microsoftonline.com/error, and the attempt in Entra admin center > Monitoring > Sign-in logs > Service principal sign-ins")
        : checkTarget.diagnosis(
            PathFailure.NOBODY_SIGNED_IN,
            "no user has signed in for this mailbox; sign in as a user with access to the mailbox:",
            "  tls-uplift accounts sign-in {mailbox}");
  }

  private static FailureKind failureKind(PlatformRefusal refusal) {
    return switch (refusal) {
      case SECRET_WRONG, SECRET_EXPIRED, CERTIFICATE_UNKNOWN, CERTIFICATE_REVOKED, CLOCK_WRONG ->
          PathFailure.PROOF_WRONG;
      case APPLICATION_UNKNOWN, APPLICATION_DISABLED -> PathFailure.APPLICATION_UNKNOWN;
      case TENANT_UNKNOWN -> PathFailure.TENANT_UNKNOWN;
      case CONSENT_MISSING, PERMISSION_NOT_LISTED -> PathFailure.NO_CONSENT;
      case SIGN_IN_REVOKED,
          SIGN_IN_EXPIRED_BY_POLICY,
          SIGN_IN_EXPIRED,
          SIGN_IN_UNUSED,
          SIGN_IN_INVALID,
          SECOND_FACTOR_REQUIRED,
          SECOND_FACTOR_MISSING,
          DEVICE_CODE_BLOCKED,
          DEVICE_AUTHENTICATION_REQUIRED ->
          PathFailure.NOBODY_SIGNED_IN;
      case PUBLIC_CLIENT_NOT_ALLOWED,
          SERVICE_UNKNOWN,
          SERVICE_DISABLED,
          SCOPE_UNKNOWN,
          USER_UNKNOWN,
          USER_DISABLED,
          CONDITIONAL_ACCESS,
          DELEGATED_ADMIN_BLOCKED ->
          PathFailure.TOKEN_REFUSED;
    };
  }

  /**
   * The diagnosis for an identity platform that cannot be reached, or is busy.
   *
   * @param why has the platform's response, if there was one
   */
  static Diagnosis unavailable(CheckTarget checkTarget, String why) {
    return checkTarget.diagnosis(
        PathFailure.PLATFORM_UNAVAILABLE,
        why.contains("platform returned")
            ? "the identity platform is busy: try again in a few minutes"
            : "check that this machine resolves and reaches {authority} with HTTPS, through upstream.via if set");
  }
}
