package org.tlsuplift.server.doctor;

import java.util.Set;
import org.tlsuplift.proxy.model.OriginReply;
import org.tlsuplift.proxy.signin.dialogue.XoauthStep;

/** The meaning of an origin's replies to a password, and the remedies. */
record PasswordRemedies(PasswordTarget target) implements Remedies {
  /** The settings of Microsoft 365 that forbid passwords. */
  private static final Set<OriginReply> NO_PASSWORDS =
      Set.of(
          OriginReply.SMTP_AUTH_DISABLED,
          OriginReply.BASIC_AUTH_DISABLED,
          OriginReply.CONDITIONAL_ACCESS,
          OriginReply.SECURITY_DEFAULTS,
          OriginReply.AUTH_TYPE_NOT_ALLOWED,
          OriginReply.BASIC_AUTH_RETIRED,
          OriginReply.MAILBOX_BASIC_AUTH_DISABLED);

  @Override
  public Diagnosis signIn(XoauthStep.Refused refused) {
    return switch (refused.refusal()) {
      case MAILBOX_BUSY, PASSING -> Diagnosis.of(FailureKind.BUSY, "try again in a few minutes");
      case TOKEN, LASTING ->
          refused.known() != null && NO_PASSWORDS.contains(refused.known())
              ? Diagnosis.of(FailureKind.PASSWORD_REFUSED, refused.known().remedy())
              : Diagnosis.of(
                  FailureKind.PASSWORD_REFUSED,
                  "check the user ("
                      + target.upstream().user()
                      + ") and the first line of "
                      + target.upstream().passwordFile()
                      + "; a new password is used at the next sign-in, without a restart");
    };
  }

  @Override
  public Diagnosis sender(String sender, String reply) {
    return reply.startsWith("4")
        ? Diagnosis.of(FailureKind.BUSY, "try again in a few minutes")
        : Diagnosis.of(
            FailureKind.SENDER_REFUSED,
            "the user "
                + target.upstream().user()
                + " may not send as "
                + sender
                + "; allow it at the origin, or set the device's sender");
  }
}
