package org.tlsuplift.server.signin.token;

import java.util.Map;

/** The remedies for refusals of the identity platform, by their AADSTS codes. */
final class PlatformErrors {
  private static final String SIGN_IN_AGAIN =
      "a user must sign in again: tls-uplift accounts sign-in MAILBOX";

  private static final Map<Integer, String> REMEDIES =
      Map.ofEntries(
          Map.entry(
              7000215,
              "the client secret is wrong; write its value, not its ID, into clientSecretFile"),
          Map.entry(7000222, "the client secret has expired; create a new one for the application"),
          Map.entry(
              700016,
              "the tenant has no application with this ID; check applicationId, tenant and cloud"),
          Map.entry(90002, "the tenant does not exist; check tenant and cloud"),
          Map.entry(900023, "the tenant does not exist; check tenant and cloud"),
          Map.entry(
              700027,
              "the certificate is not registered for this application, or the clock is wrong; upload the certificate to the application"),
          Map.entry(
              7000214, "the certificate is not registered for this application; upload it there"),
          Map.entry(
              7000218,
              "the application does not allow public client flows; allow them under 'Authentication'"),
          Map.entry(7000112, "the application is disabled; enable its Enterprise application"),
          Map.entry(
              500011,
              "the tenant has no mail service with this name; check cloud, and check that the tenant has Exchange Online"),
          Map.entry(
              65001, "consent is missing; grant admin consent for the application's permissions"),
          Map.entry(70011, "the scope is unknown; check cloud and the application's permissions"),
          Map.entry(1002012, "the scope is unknown; check cloud"),
          Map.entry(50034, "the user does not exist in this tenant"),
          Map.entry(50057, "the user's account is disabled; enable it"),
          Map.entry(50173, "the password was changed or sign-ins were revoked; " + SIGN_IN_AGAIN),
          Map.entry(70043, "the sign-in has expired by policy; " + SIGN_IN_AGAIN),
          Map.entry(70008, "the sign-in has expired; " + SIGN_IN_AGAIN),
          Map.entry(700082, "the sign-in was not used for too long; " + SIGN_IN_AGAIN),
          Map.entry(50076, "a second factor is required; " + SIGN_IN_AGAIN),
          Map.entry(50079, "a second factor must be set up; " + SIGN_IN_AGAIN),
          Map.entry(
              53003,
              "a Conditional Access policy blocks the sign-in; exclude the application or user from it"),
          Map.entry(
              530034,
              "a delegated administrator of another tenant is blocked for risk; sign in with an account of this tenant: tls-uplift accounts sign-in MAILBOX"),
          Map.entry(
              530036,
              "a Conditional Access policy blocks device code flow, which ended the sign-in; exclude the user from it and sign in again (tls-uplift accounts sign-in MAILBOX), or set 'flow: application'"),
          Map.entry(70000, "the sign-in is no longer valid; " + SIGN_IN_AGAIN));

  private PlatformErrors() {}

  /**
   * The remedy for a code.
   *
   * @param mailbox without a token
   */
  static String remedy(int code, String mailbox) {
    String remedy = REMEDIES.get(code);
    return remedy == null
        ? "see https://login.microsoftonline.com/error?code=" + code
        : remedy.replace("MAILBOX", mailbox);
  }
}
