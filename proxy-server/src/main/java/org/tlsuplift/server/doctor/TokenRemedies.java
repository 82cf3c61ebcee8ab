package org.tlsuplift.server.doctor;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Maps the identity platform's error codes to causes and remedies (Microsoft: "Microsoft Entra
 * authentication and authorization error codes").
 */
final class TokenRemedies {
  private static final Pattern CODE = Pattern.compile("AADSTS(\\d{5,7})");

  private TokenRemedies() {}

  /**
   * The diagnosis for a permanent refusal.
   *
   * @param why the platform's message
   */
  static Diagnosis refused(CheckTarget checkTarget, String why) {
    Matcher code = CODE.matcher(why);
    return switch (code.find() ? String.valueOf(code.group(1)) : "") {
      case "7000215" ->
          Diagnosis.of(
              FailureKind.PROOF_WRONG,
              "the client secret is wrong; often the file contains the 'Secret ID' instead of the 'Value', or the secret of another application",
              "Entra admin center > App registrations > the application > Certificates & secrets > New client secret; write its Value, which is shown only once, into "
                  + checkTarget.key("clientSecretFile"));
      case "7000222" ->
          Diagnosis.of(
              FailureKind.PROOF_WRONG,
              "the client secret has expired: create a new one (Entra admin center > App registrations > the application > Certificates & secrets), and write its Value into "
                  + checkTarget.key("clientSecretFile"));
      case "700027", "7000214", "50012", "700030" ->
          Diagnosis.of(
              FailureKind.PROOF_WRONG,
              "the application does not know the certificate: upload the certificate (not the key) of "
                  + checkTarget.key("certificate")
                  + " (Entra admin center > App registrations > the application > Certificates & secrets > Certificates), and check the clock of this machine");
      case "700016" ->
          Diagnosis.of(
              FailureKind.APPLICATION_UNKNOWN,
              "check "
                  + checkTarget.key("applicationId")
                  + " ("
                  + checkTarget.tenant().applicationId()
                  + "): it is the 'Application (client) ID' of the registration, in tenant "
                  + checkTarget.tenant().tenant());
      case "7000112" ->
          Diagnosis.of(
              FailureKind.APPLICATION_UNKNOWN,
              "the application is disabled: Entra admin center > Enterprise applications > the application > Properties > Enabled for users to sign-in: Yes");
      case "90002", "900023" ->
          Diagnosis.of(
              FailureKind.TENANT_UNKNOWN,
              "check "
                  + checkTarget.key("tenant")
                  + " ("
                  + checkTarget.tenant().tenant()
                  + ") and "
                  + checkTarget.key("cloud")
                  + " ("
                  + checkTarget.tenant().cloud().label()
                  + "): Entra admin center > Overview has the Tenant ID and the primary domain");
      case "65001", "500011", "650057", "70011" -> consent(checkTarget);
      case "50076", "50079", "50173", "700082", "70008", "70043", "70000" ->
          signInAgain(checkTarget, "the sign-in has expired or was revoked");
      case "53003" ->
          Diagnosis.of(
              FailureKind.TOKEN_REFUSED,
              "a Conditional Access policy blocks the sign-in: exclude the application, or the user who signed in, from it; Entra admin center > Monitoring > Sign-in logs names the policy");
      case "530034" ->
          Diagnosis.of(
              FailureKind.TOKEN_REFUSED,
              "a delegated administrator of another tenant is blocked for risk; sign in with an account of this tenant:",
              "  tls-uplift accounts sign-in " + checkTarget.mailbox());
      case "530036" ->
          signInAgain(
                  checkTarget,
                  "a Conditional Access policy blocks device code flow, which ended this sign-in: exclude the user from the policy")
              .and("or let the application sign in: set 'flow: application'");
      default ->
          checkTarget.isApplication() || !why.contains("no user has signed in")
              ? Diagnosis.of(
                  FailureKind.TOKEN_REFUSED,
                  "look up the code at https://login.microsoftonline.com/error, and the attempt in Entra admin center > Monitoring > Sign-in logs > Service principal sign-ins")
              : signInAgain(checkTarget, "no user has signed in for this mailbox");
    };
  }

  /** The diagnosis for an identity platform that does not respond, or is busy. */
  static Diagnosis unavailable(CheckTarget checkTarget) {
    return Diagnosis.of(
        FailureKind.PLATFORM_UNAVAILABLE,
        "check that this machine reaches "
            + checkTarget.tenant().tenantAuthority()
            + " with HTTPS, through upstream.via if set; if the response is 429, wait");
  }

  static Diagnosis consent(CheckTarget checkTarget) {
    return Diagnosis.of(
        FailureKind.NO_CONSENT,
        "an administrator of the tenant must consent once, in a browser:",
        "  "
            + checkTarget.tenant().tenantAuthority()
            + "adminconsent?client_id="
            + checkTarget.tenant().applicationId());
  }

  private static Diagnosis signInAgain(CheckTarget checkTarget, String what) {
    return Diagnosis.of(
        FailureKind.NOBODY_SIGNED_IN,
        what + "; sign in as a user with access to the mailbox:",
        "  tls-uplift accounts sign-in " + checkTarget.mailbox());
  }
}
