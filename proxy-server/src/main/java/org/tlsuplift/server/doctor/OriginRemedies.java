package org.tlsuplift.server.doctor;

import java.util.Locale;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.signin.dialogue.XoauthStep;
import org.tlsuplift.server.feature.Diagnosis;
import org.tlsuplift.server.feature.FailureKind;

/**
 * Maps Exchange Online's replies to XOAUTH2 and MAIL FROM to causes, and to the administrator's
 * commands (Exchange Online PowerShell).
 */
record OriginRemedies(CheckTarget target) implements Remedies {
  @Override
  public Diagnosis signIn(XoauthStep.Refused refused) {
    if (refused.known() != null) {
      switch (refused.known()) {
        case SMTP_AUTH_DISABLED -> {
          return smtpAuthDisabled();
        }
        case BASIC_AUTH_DISABLED, CONDITIONAL_ACCESS, SECURITY_DEFAULTS, AUTH_TYPE_NOT_ALLOWED -> {
          return tenantPolicy();
        }
        case MAILBOX_LOGON_FAILURE, MAILBOX_NOT_CONNECTED -> {
          return mailboxAccess(PathFailure.NO_MAILBOX_ACCESS);
        }
        case INVALID_XOAUTH2, HVE_INVALID_XOAUTH2 -> {
          return target.diagnosis(
              PathFailure.MALFORMED,
              "check that the account's mailbox ({mailbox}) is a valid address; if it is, report this");
        }
        case HVE_TOKEN_EXPIRES_SOON,
            HVE_TOKEN_EXPIRED,
            HVE_WRONG_PERMISSION,
            HVE_APPLICATION_NOT_ALLOWED -> {
          return target.diagnosis(
              PathFailure.SIGN_IN_REFUSED,
              "the origin is High Volume Email: set {service} to hve",
              refused.known().signInRemedy());
        }
        default -> {
          // The kind of refusal decides.
        }
      }
    }
    if (refused.detail().toUpperCase(Locale.ROOT).contains("MAPIEXCEPTION")) {
      return mailboxAccess(PathFailure.NO_MAILBOX_ACCESS);
    }
    return switch (refused.refusal()) {
      case MAILBOX_BUSY ->
          Diagnosis.of(
              PathFailure.BUSY,
              "the mailbox already has 3 sessions, the limit of Exchange Online; try again, and if the error stays, find the other programs that use the mailbox");
      case PASSING -> Diagnosis.of(PathFailure.BUSY, "try again in a few minutes");
      case TOKEN, LASTING -> mailboxAccess(PathFailure.SIGN_IN_REFUSED);
    };
  }

  @Override
  public Diagnosis sender(String sender, String reply) {
    if (reply.contains("5.7.57")) {
      return mailboxAccess(PathFailure.SENDER_REFUSED);
    } else if (reply.startsWith("4")) {
      return Diagnosis.of(PathFailure.BUSY, "try again in a few minutes");
    }
    return sender.equalsIgnoreCase(target.mailbox())
        ? mailboxAccess(PathFailure.SENDER_REFUSED)
        : Diagnosis.of(
            PathFailure.SENDER_REFUSED,
            "the mailbox has no permission to send as "
                + sender
                + "; grant it, or change the device's sender:",
            "  Add-RecipientPermission -Identity %s -Trustee %s -AccessRights SendAs"
                .formatted(
                    ShortText.argument(sender, "SENDER"),
                    target.isApplication()
                        ? "<service principal>"
                        : ShortText.argument(target.mailbox(), "MAILBOX")));
  }

  private Diagnosis smtpAuthDisabled() {
    return target.diagnosis(
        PathFailure.SMTP_AUTH_DISABLED,
        "enable SMTP AUTH for the mailbox; this overrides the tenant's setting:",
        "  Set-CASMailbox -Identity {mailbox} -SmtpClientAuthenticationDisabled $false",
        "check both settings, and wait: a change usually takes 15 to 60 minutes, and up to two hours for roles; security defaults also disable SMTP AUTH:",
        "  Get-CASMailbox -Identity {mailbox} | Format-List SmtpClientAuthenticationDisabled",
        "  Get-TransportConfig | Format-List SmtpClientAuthenticationDisabled");
  }

  private Diagnosis tenantPolicy() {
    return target.diagnosis(
        PathFailure.SIGN_IN_REFUSED,
        "a policy of the tenant refuses this sign-in: check security defaults, the Conditional Access policies, and the authentication policy of the mailbox:",
        "  Get-User -Identity {mailbox} | Format-List AuthenticationPolicy",
        "  Get-AuthenticationPolicy | Format-List Name,AllowBasicAuthSmtp");
  }

  private Diagnosis mailboxAccess(FailureKind failureKind) {
    if (!target.isApplication()) {
      return target.diagnosis(
          failureKind,
          "the user who signed in has no access to the mailbox, or the mailbox has no licence; check both, and for a shared mailbox grant access:",
          "  Add-MailboxPermission -Identity {mailbox} -User <user who signed in> -AccessRights FullAccess",
          "  tls-uplift accounts sign-in {mailbox}");
    }
    Diagnosis always =
        target.diagnosis(
            failureKind,
            "register the application in Exchange Online and give it access to the mailbox; use the object ID of the ENTERPRISE application (Entra admin center > Enterprise applications), not of the registration:",
            "  New-ServicePrincipal -AppId {=applicationId} -ObjectId <object ID of the enterprise application>",
            "  Add-MailboxPermission -Identity {mailbox} -User <that object ID> -AccessRights FullAccess",
            "check that Get-ServicePrincipal prints the object ID of the enterprise application, and that the mailbox exists:",
            "  Get-ServicePrincipal | Format-List AppId,ObjectId",
            "  Get-MailboxPermission -Identity {mailbox} | Format-List User,AccessRights");
    String wait =
        "then wait: a change usually takes 15 to 60 minutes, and up to two hours for roles";
    return target.protocol() == MailProtocol.SMTP
        ? always
            .and(
                "with the role 'Application SMTP.SendAsApp' it needs no FullAccess: check that the mailbox is in its scope, or add it to the group of the role:")
            .and(
                target.filled(
                    "  Test-ServicePrincipalAuthorization -Identity <that object ID> -Resource {mailbox}"))
            .and(wait + ", and check that SMTP AUTH is enabled for the mailbox:")
            .and(
                target.filled(
                    "  Get-CASMailbox -Identity {mailbox} | Format-List SmtpClientAuthenticationDisabled"))
        : always.and(wait);
  }
}
