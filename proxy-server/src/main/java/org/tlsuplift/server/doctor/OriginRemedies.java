package org.tlsuplift.server.doctor;

import java.util.Locale;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.signin.dialogue.XoauthStep;

/**
 * Maps Exchange Online's replies to XOAUTH2 and MAIL FROM to causes, and to the administrator's
 * commands (Exchange Online PowerShell).
 */
final class OriginRemedies {
  private OriginRemedies() {}

  /**
   * The diagnosis for the reply to a sign-in.
   *
   * @param refusal the proxy's classification of the reply
   */
  static Diagnosis signIn(CheckTarget checkTarget, XoauthStep.Refusal refusal, String reply) {
    String said = reply.toUpperCase(Locale.ROOT);
    if (said.contains("5.7.139")) {
      return smtpAuthDisabled(checkTarget);
    } else if (said.contains("430 4.2.0") || said.contains("MAPIEXCEPTION")) {
      return mailboxAccess(checkTarget, FailureKind.NO_MAILBOX_ACCESS);
    } else if (said.contains("5.5.124")) {
      return Diagnosis.of(
          FailureKind.MALFORMED,
          "check that the account's mailbox ("
              + checkTarget.mailbox()
              + ") is a valid address; if it is, report this");
    }
    return switch (refusal) {
      case MAILBOX_BUSY ->
          Diagnosis.of(
              FailureKind.BUSY,
              "the mailbox already has 3 sessions, the limit of Exchange Online; try again, and if the error stays, find the other programs that use the mailbox");
      case PASSING -> Diagnosis.of(FailureKind.BUSY, "try again in a few minutes");
      case TOKEN, LASTING -> mailboxAccess(checkTarget, FailureKind.SIGN_IN_REFUSED);
    };
  }

  /** The diagnosis for the reply to MAIL FROM. */
  static Diagnosis sender(CheckTarget checkTarget, String sender, String reply) {
    if (reply.contains("5.7.57")) {
      return mailboxAccess(checkTarget, FailureKind.SENDER_REFUSED);
    } else if (reply.startsWith("4")) {
      return Diagnosis.of(FailureKind.BUSY, "try again in a few minutes");
    }
    return sender.equalsIgnoreCase(checkTarget.mailbox())
        ? mailboxAccess(checkTarget, FailureKind.SENDER_REFUSED)
        : Diagnosis.of(
            FailureKind.SENDER_REFUSED,
            "the mailbox has no permission to send as "
                + sender
                + "; grant it, or change the device's sender:",
            "  Add-RecipientPermission -Identity "
                + sender
                + " -Trustee "
                + (checkTarget.isApplication() ? "<service principal>" : checkTarget.mailbox())
                + " -AccessRights SendAs");
  }

  private static Diagnosis smtpAuthDisabled(CheckTarget checkTarget) {
    return Diagnosis.of(
        FailureKind.SMTP_AUTH_DISABLED,
        "enable SMTP AUTH for the mailbox; this overrides the tenant's setting:",
        "  Set-CASMailbox -Identity "
            + checkTarget.mailbox()
            + " -SmtpClientAuthenticationDisabled $false",
        "check both settings, and wait up to an hour; security defaults also disable SMTP AUTH:",
        "  Get-CASMailbox -Identity "
            + checkTarget.mailbox()
            + " | Format-List SmtpClientAuthenticationDisabled",
        "  Get-TransportConfig | Format-List SmtpClientAuthenticationDisabled");
  }

  private static Diagnosis mailboxAccess(CheckTarget checkTarget, FailureKind failureKind) {
    if (!checkTarget.isApplication()) {
      return Diagnosis.of(
          failureKind,
          "the user who signed in has no access to the mailbox, or the mailbox has no licence; check both, and for a shared mailbox grant access:",
          "  Add-MailboxPermission -Identity "
              + checkTarget.mailbox()
              + " -User <user who signed in> -AccessRights FullAccess",
          "  tls-uplift accounts sign-in " + checkTarget.mailbox());
    }
    String right =
        checkTarget.protocol() == MailProtocol.SMTP
            ? "then wait up to an hour, and check that SMTP AUTH is enabled for the mailbox:"
            : "then wait up to an hour";
    Diagnosis always =
        Diagnosis.of(
            failureKind,
            "register the application in Exchange Online and give it access to the mailbox; use the object ID of the ENTERPRISE application (Entra admin center > Enterprise applications), not of the registration:",
            "  New-ServicePrincipal -AppId "
                + checkTarget.signIn().applicationId()
                + " -ObjectId <object ID of the enterprise application>",
            "  Add-MailboxPermission -Identity "
                + checkTarget.mailbox()
                + " -User <that object ID> -AccessRights FullAccess",
            "check that Get-ServicePrincipal prints the object ID of the enterprise application, and that the mailbox exists:",
            "  Get-ServicePrincipal | Format-List AppId,ObjectId",
            "  Get-MailboxPermission -Identity "
                + checkTarget.mailbox()
                + " | Format-List User,AccessRights",
            right);
    return checkTarget.protocol() == MailProtocol.SMTP
        ? always.and(
            "  Get-CASMailbox -Identity "
                + checkTarget.mailbox()
                + " | Format-List SmtpClientAuthenticationDisabled")
        : always;
  }
}
