package org.tlsuplift.server.doctor;

import org.tlsuplift.proxy.signin.dialogue.XoauthStep;
import org.tlsuplift.server.feature.Diagnosis;
import org.tlsuplift.server.feature.FailureKind;

/**
 * The meaning of the replies of High Volume Email to XOAUTH2 and MAIL FROM, and the administrator's
 * commands for them (Exchange Online PowerShell).
 */
record HighVolumeRemedies(CheckTarget target) implements Remedies {
  @Override
  public Diagnosis signIn(XoauthStep.Refused refused) {
    if (refused.known() != null) {
      switch (refused.known()) {
        case HVE_TOKEN_EXPIRES_SOON, HVE_TOKEN_EXPIRED -> {
          return tokenLifetime();
        }
        case HVE_WRONG_PERMISSION -> {
          return Diagnosis.of(
              PathFailure.MISSING_RIGHT,
              "the application lacks Mail.Send of Office 365 Exchange Online; Mail.Send of Microsoft Graph and SMTP.SendAsApp do not count");
        }
        case INVALID_XOAUTH2, HVE_INVALID_XOAUTH2 -> {
          // A program of 2026 got 5.5.127 for a token that expires soon.
          return refused.detail().contains("5.5.127")
              ? tokenLifetime()
              : target.diagnosis(
                  PathFailure.MALFORMED,
                  "check that the account's mailbox ({mailbox}) is the address of the HVE account; if it is, report this");
        }
        default -> {
          // The kind of refusal decides.
        }
      }
    }
    return switch (refused.refusal()) {
      case MAILBOX_BUSY, PASSING -> Diagnosis.of(PathFailure.BUSY, "try again in a few minutes");
      case TOKEN, LASTING -> access(PathFailure.NO_MAILBOX_ACCESS);
    };
  }

  private static Diagnosis tokenLifetime() {
    return Diagnosis.of(
        PathFailure.EXPIRED,
        "the token has expired or expires soon: check the clock of this machine, and the token lifetime policy of the tenant");
  }

  @Override
  public Diagnosis sender(String sender, String reply) {
    if (reply.startsWith("4")) {
      return Diagnosis.of(PathFailure.BUSY, "try again in a few minutes");
    }
    return sender.equalsIgnoreCase(target.mailbox())
        ? access(PathFailure.SENDER_REFUSED)
        : target.diagnosis(
            PathFailure.SENDER_REFUSED,
            "an HVE account sends from its own address only; set the device's sender to {mailbox}, or set 'mail.rewriteFrom: {address: mailbox}' on the listener");
  }

  private Diagnosis access(FailureKind failureKind) {
    return target.diagnosis(
        failureKind,
        "let the application use the HVE account, and wait 5 minutes; an account accepts at most ten applications; use the object ID of the ENTERPRISE application (Entra admin center > Enterprise applications), not the application (client) ID:",
        "  Add-HVEAppAccess -Identity {mailbox} -AppIds <object ID of the enterprise application>",
        "check that {mailbox} is an HVE account whose BillingPolicyStatus is valid (Exchange admin center)");
  }
}
