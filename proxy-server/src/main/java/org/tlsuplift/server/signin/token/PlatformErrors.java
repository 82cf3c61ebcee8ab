package org.tlsuplift.server.signin.token;

import java.util.Map;

/** What an operator does about the identity platform's refusals, by their AADSTS codes. */
final class PlatformErrors {
  private static final String SIGN_IN_AGAIN =
      "somebody has to sign in again: tls-uplift accounts sign-in MAILBOX";

  private static final Map<Integer, String> REMEDIES =
      Map.ofEntries(
          Map.entry(
              7000215,
              "the client secret is wrong; write its value, not its id, into clientSecretFile"),
          Map.entry(7000222, "the client secret has expired; make a new one for the application"),
          Map.entry(
              700016,
              "the tenant has no application of this id; check applicationId, tenant and cloud"),
          Map.entry(90002, "there is no such tenant; check tenant and cloud"),
          Map.entry(900023, "there is no such tenant; check tenant and cloud"),
          Map.entry(
              700027,
              "the certificate is none of the application's, or the clock is wrong; upload it to the"
                  + " application"),
          Map.entry(7000214, "the certificate is none of the application's; upload it there"),
          Map.entry(
              7000218,
              "the application allows no public client flows; allow them under 'Authentication'"),
          Map.entry(7000112, "the application is disabled; enable its Enterprise application"),
          Map.entry(
              500011,
              "the tenant does not know the mail service by this name; check cloud, and that the"
                  + " tenant has Exchange Online"),
          Map.entry(
              65001, "there is no consent; grant admin consent for the application's permissions"),
          Map.entry(
              70011, "the scope is not known; check cloud, and the application's permissions"),
          Map.entry(1002012, "the scope is not known; check cloud"),
          Map.entry(50034, "there is no such user in this tenant"),
          Map.entry(50057, "the user's account is disabled; enable it"),
          Map.entry(50173, "the password was changed or sign-ins were revoked; " + SIGN_IN_AGAIN),
          Map.entry(70043, "the sign-in has expired by policy; " + SIGN_IN_AGAIN),
          Map.entry(70008, "the sign-in has expired; " + SIGN_IN_AGAIN),
          Map.entry(700082, "the sign-in was not used for too long; " + SIGN_IN_AGAIN),
          Map.entry(50076, "a second factor is asked for; " + SIGN_IN_AGAIN),
          Map.entry(50079, "a second factor has to be set up; " + SIGN_IN_AGAIN),
          Map.entry(53003, "a Conditional Access policy blocks it; except the application or user"),
          Map.entry(
              530034, "a Conditional Access policy blocks it; except the application or user"),
          Map.entry(70000, "the sign-in is not valid any more; " + SIGN_IN_AGAIN));

  private PlatformErrors() {}

  /**
   * What to do about a code.
   *
   * @param mailbox for which there is no token
   */
  static String remedy(int code, String mailbox) {
    String remedy = REMEDIES.get(code);
    return remedy == null
        ? "see https://login.microsoftonline.com/error?code=" + code
        : remedy.replace("MAILBOX", mailbox);
  }
}
