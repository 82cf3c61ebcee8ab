package org.tlsuplift.server.doctor;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the identity platform's refusals mean (Microsoft: "Microsoft Entra authentication and
 * authorization error codes"), and what to do.
 */
final class TokenRemedies {
  private static final Pattern CODE = Pattern.compile("AADSTS(\\d{5,7})");

  private TokenRemedies() {}

  /**
   * Of a refusal that will last.
   *
   * @param why what the platform said
   */
  static Diagnosis refused(Patient patient, String why) {
    Matcher code = CODE.matcher(why);
    return switch (code.find() ? String.valueOf(code.group(1)) : "") {
      case "7000215" ->
          Diagnosis.of(
              Ailment.PROOF_WRONG,
              "the client secret is wrong: often the file holds the column 'Secret ID' in place of 'Value', or a secret"
                  + " of another application",
              "Entra admin center > App registrations > the application > Certificates & secrets > New client secret;"
                  + " its Value is shown once: write it into signIn.clientSecretFile");
      case "7000222" ->
          Diagnosis.of(
              Ailment.PROOF_WRONG,
              "the client secret has expired: make a new one (Entra admin center > App registrations > the application >"
                  + " Certificates & secrets), and write its Value into signIn.clientSecretFile");
      case "700027", "7000214", "50012", "700030" ->
          Diagnosis.of(
              Ailment.PROOF_WRONG,
              "the application does not know the certificate: upload the certificate (not the key) of signIn.certificate"
                  + " (Entra admin center > App registrations > the application > Certificates & secrets >"
                  + " Certificates), and check the clock of this machine");
      case "700016" ->
          Diagnosis.of(
              Ailment.APPLICATION_UNKNOWN,
              "check signIn.applicationId ("
                  + patient.signIn().applicationId()
                  + "): it is the 'Application (client) ID' of the registration, in tenant "
                  + patient.signIn().tenant());
      case "7000112" ->
          Diagnosis.of(
              Ailment.APPLICATION_UNKNOWN,
              "the application is disabled: Entra admin center > Enterprise applications > the application > Properties >"
                  + " Enabled for users to sign-in: Yes");
      case "90002", "900023" ->
          Diagnosis.of(
              Ailment.TENANT_UNKNOWN,
              "check signIn.tenant ("
                  + patient.signIn().tenant()
                  + ") and signIn.cloud ("
                  + patient.signIn().cloud().label()
                  + "): Entra admin center > Overview has the Tenant ID and the primary domain");
      case "65001", "500011", "650057", "70011" -> consent(patient);
      case "50076", "50079", "50173", "700082", "70008", "70043", "70000" ->
          signInAgain(patient, "the sign-in no longer holds");
      default ->
          patient.isApplication() || !why.contains("nobody has signed in")
              ? Diagnosis.of(
                  Ailment.TOKEN_REFUSED,
                  "look the code up at https://login.microsoftonline.com/error, and the attempt in Entra admin center >"
                      + " Monitoring > Sign-in logs > Service principal sign-ins")
              : signInAgain(patient, "nobody has signed in for this mailbox yet");
    };
  }

  /** Of an identity platform that does not answer, or not now. */
  static Diagnosis unavailable(Patient patient) {
    return Diagnosis.of(
        Ailment.PLATFORM_UNAVAILABLE,
        "check that this machine reaches "
            + patient.signIn().tenantAuthority()
            + " by HTTPS, through upstream.via if that is set; if it asks for patience (429), wait");
  }

  static Diagnosis consent(Patient patient) {
    return Diagnosis.of(
        Ailment.NO_CONSENT,
        "an administrator of the tenant has to consent, once, in a browser:",
        "  "
            + patient.signIn().tenantAuthority()
            + "adminconsent?client_id="
            + patient.signIn().applicationId());
  }

  private static Diagnosis signInAgain(Patient patient, String what) {
    return Diagnosis.of(
        Ailment.NOBODY_SIGNED_IN,
        what + "; sign in, as a user who may use it:",
        "  tls-uplift accounts sign-in " + patient.mailbox());
  }
}
