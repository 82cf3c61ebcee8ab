package org.tlsuplift.proxy.outcome;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The refusals of Microsoft's identity platform that an operator can act on, by their AADSTS codes.
 * The log and {@code doctor} take their texts from here.
 *
 * <p>Microsoft documents the codes in "Microsoft Entra authentication and authorization error
 * codes" (learn.microsoft.com/entra/identity-platform/reference-error-codes; copies of 2024-04-24
 * and 2025-02-03, read on 2026-11-30). A constant whose code is not there names another source.
 */
public enum PlatformRefusal {
  SECRET_WRONG(
      "the client secret is wrong; write its value, not its ID, into clientSecretFile",
      "the client secret is wrong; often the file contains the 'Secret ID' instead of the 'Value', or the secret of another application\nEntra admin center > App registrations > the application > Certificates & secrets > New client secret; write its Value, which is shown only once, into {clientSecretFile}",
      "7000215"),
  SECRET_EXPIRED(
      "the client secret has expired; create a new one for the application",
      "the client secret has expired: create a new one (Entra admin center > App registrations > the application > Certificates & secrets), and write its Value into {clientSecretFile}",
      "7000222"),
  CERTIFICATE_UNKNOWN(
      "the certificate is not registered for this application, or the clock is wrong; upload the certificate to the application",
      "the application does not know the certificate: upload the certificate (not the key) of {certificate} (Entra admin center > App registrations > the application > Certificates & secrets > Certificates), and check the clock of this machine",
      "700027 50012 700030"),
  /**
   * "Certificate has been revoked" (Microsoft, "Microsoft Entra certificate-based authentication
   * Certificate Revocation List", 2025-08-26; microsoft-identity-web, pull request 2450).
   */
  CERTIFICATE_REVOKED(
      "the certificate was revoked; use another certificate, and upload it to the application",
      "the certificate of {certificate} was revoked: use another one, and upload it (Entra admin center > App registrations > the application > Certificates & secrets > Certificates)",
      "7000214"),
  /**
   * "Client assertion is not within its valid time range" (AzureAD,
   * microsoft-authentication-library-for-java, issue 984, 2025-08-29).
   */
  CLOCK_WRONG("the clock of this machine is wrong; set it right", "", "700024"),
  APPLICATION_UNKNOWN(
      "the tenant has no application with this ID; check applicationId, tenant and cloud",
      "check {applicationId} ({=applicationId}): it is the 'Application (client) ID' of the registration, in tenant {=tenant}",
      "700016"),
  APPLICATION_DISABLED(
      "the application is disabled; enable its Enterprise application",
      "the application is disabled: Entra admin center > Enterprise applications > the application > Properties > Enabled for users to sign-in: Yes",
      "7000112"),
  PUBLIC_CLIENT_NOT_ALLOWED(
      "the application does not allow public client flows; allow them under 'Authentication'",
      "",
      "7000218"),
  /**
   * Microsoft's page has 90002 only. 900023 is "Specified tenant identifier is neither a valid DNS
   * name, nor a valid external domain" in published transcripts.
   */
  TENANT_UNKNOWN(
      "the tenant does not exist; check tenant and cloud",
      "check {tenant} ({=tenant}) and {cloud} ({=cloud}): Entra admin center > Overview has the Tenant ID and the primary domain",
      "90002 900023"),
  /** The resource is missing in the tenant: consent to the application does not add it. */
  SERVICE_UNKNOWN(
      "the tenant has no mail service with this name; check tenant and cloud, and check that the tenant has Exchange Online",
      "the tenant has no mail service with this name: check {tenant} ({=tenant}) and {cloud} ({=cloud}), and check that the tenant has Exchange Online",
      "500011"),
  /**
   * "The service principal for resource '...' is disabled. This indicates that a subscription
   * within the tenant has lapsed, or that the administrator for this tenant has disabled the
   * application" (Microsoft, SharePoint troubleshooting: "Microsoft Forms shows 'Sorry, something
   * went wrong'", read 2026-11-30).
   */
  SERVICE_DISABLED(
      "the tenant's mail service is disabled, or its subscription has ended; check the subscription, and enable the Enterprise application Office 365 Exchange Online",
      "the mail service of the tenant is disabled, or its subscription has ended: check the subscription of Exchange Online; then Entra admin center > Enterprise applications > Office 365 Exchange Online > Properties > Enabled for users to sign-in: Yes",
      "500014"),
  CONSENT_MISSING(
      "consent is missing; grant admin consent for the application's permissions",
      "an administrator of the tenant must consent once, in a browser:\n  {consent}",
      "65001"),
  PERMISSION_NOT_LISTED(
      "the application's registration has no permission for the mail service; add it there, and grant admin consent",
      "the registration has no permission for the mail service: add it (Entra admin center > App registrations > the application > API permissions); then an administrator of the tenant must consent once, in a browser:\n  {consent}",
      "650057"),
  /**
   * The cloud decides the scope. Microsoft's page has 70011 only. 1002012 is "The provided value
   * for scope is not valid" of an application's request in published transcripts.
   */
  SCOPE_UNKNOWN(
      "the scope is unknown; check cloud and the application's permissions",
      "the scope is unknown: check {cloud} ({=cloud}) and the application's permissions",
      "70011 1002012"),
  USER_UNKNOWN(
      "the user does not exist in this tenant; sign in as a user of it, or check tenant",
      "the user does not exist in the tenant: sign in as a user of this tenant who may open the mailbox, or check {tenant} ({=tenant}):\n  tls-uplift accounts sign-in {mailbox}",
      "50034"),
  USER_DISABLED("the user's account is disabled; enable it", "", "50057"),
  SIGN_IN_REVOKED("the password was changed or sign-ins were revoked", "50173"),
  SIGN_IN_EXPIRED_BY_POLICY("the sign-in has expired by policy", "70043"),
  SIGN_IN_EXPIRED("the sign-in has expired", "70008"),
  SIGN_IN_UNUSED("the sign-in was not used for too long", "700082"),
  SIGN_IN_INVALID("the sign-in is no longer valid", "70000"),
  SECOND_FACTOR_REQUIRED("a second factor is required", "50076"),
  SECOND_FACTOR_MISSING("a second factor must be set up", "50079"),
  CONDITIONAL_ACCESS(
      "a Conditional Access policy blocks the sign-in; exclude the application or user from it",
      "a Conditional Access policy blocks the sign-in: exclude the application, or the user who signed in, from it; Entra admin center > Monitoring > Sign-in logs names the policy",
      "53003"),
  /**
   * Device code flow cannot prove on which device the browser runs: Microsoft,
   * "DeviceAuthenticationRequired - Device authentication is required".
   */
  DEVICE_AUTHENTICATION_REQUIRED(
      "a Conditional Access policy requires a managed device; exclude the user from it and sign in again (tls-uplift accounts sign-in {mailbox}), or set 'flow: application'",
      "a Conditional Access policy requires a managed device: exclude the user from the policy (Entra admin center > Monitoring > Sign-in logs names it); sign in as a user with access to the mailbox:\n  tls-uplift accounts sign-in {mailbox}\nor let the application sign in: set 'flow: application'",
      "50097"),
  DELEGATED_ADMIN_BLOCKED(
      "a delegated administrator of another tenant is blocked for risk; sign in with an account of this tenant: tls-uplift accounts sign-in {mailbox}",
      "a delegated administrator of another tenant is blocked for risk; sign in with an account of this tenant:\n  tls-uplift accounts sign-in {mailbox}",
      "530034"),
  /** Microsoft, "Conditional Access: Authentication transfer", 2026-04-22. */
  DEVICE_CODE_BLOCKED(
      "a Conditional Access policy blocks device code flow, which ended the sign-in; sign in without it (tls-uplift accounts sign-in --browser {mailbox}), exclude the user from it, or set 'flow: application'",
      "a Conditional Access policy blocks device code flow, which ended this sign-in: sign in without a device code, as a user with access to the mailbox:\n  tls-uplift accounts sign-in --browser {mailbox}\nor exclude the user from the policy, or let the application sign in: set 'flow: application'",
      "530036");

  private static final Pattern CODE = Pattern.compile("AADSTS([0-9]{3,9})");

  private final String remedy;
  private final String advice;
  private final String codes;

  /** For refusals after which the user must sign in again. */
  PlatformRefusal(String problem, String code) {
    this(
        problem + "; a user must sign in again: tls-uplift accounts sign-in {mailbox}",
        problem
            + "; sign in as a user with access to the mailbox:\n  tls-uplift accounts sign-in {mailbox}",
        code);
  }

  PlatformRefusal(String remedy, String advice, String codes) {
    this.remedy = remedy;
    this.advice = advice.isEmpty() ? remedy : advice;
    this.codes = codes;
  }

  /** The first code in a message of the platform; 0 if it has none. */
  public static int code(String message) {
    Matcher code = CODE.matcher(message);
    return code.find() ? Integer.parseInt(code.group(1)) : 0;
  }

  /** The refusal with a code; empty for other codes. */
  public static Optional<PlatformRefusal> of(int code) {
    return Stream.of(values())
        .filter(refusal -> List.of(refusal.codes.split(" ", -1)).contains(String.valueOf(code)))
        .findAny();
  }

  /**
   * Cause and remedy in one line, for the log.
   *
   * @param mailbox without a token
   */
  public String remedy(String mailbox) {
    return remedy.replace("{mailbox}", mailbox);
  }

  /**
   * Cause and remedy in detail, for {@code doctor}; each command is a separate line. {@code
   * {tenant}} stands for the path of the key of this name, and {@code {=tenant}} for its value;
   * {@code {mailbox}} for the mailbox and {@code {consent}} for the address of the admin consent.
   */
  public String advice() {
    return advice;
  }
}
