package org.tlsuplift.server.doctor;

import org.tlsuplift.proxy.outcome.Alert;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.signin.dialogue.XoauthStep;
import org.tlsuplift.server.feature.Diagnosis;

/** The meaning of an origin's replies to a password, and the remedies. */
record PasswordRemedies(PasswordTarget target) implements Remedies {
  @Override
  public Diagnosis signIn(XoauthStep.Refused refused) {
    return switch (refused.refusal()) {
      case MAILBOX_BUSY, PASSING -> Diagnosis.of(PathFailure.BUSY, "try again in a few minutes");
      case TOKEN, LASTING ->
          refused.known() != null && isAgainstPasswords(refused.known())
              ? Diagnosis.of(PathFailure.PASSWORD_REFUSED, refused.known().remedy())
              : Diagnosis.of(
                  PathFailure.PASSWORD_REFUSED,
                  "check the user (%s) and the first line of %s; a new password is used at the next sign-in, without a restart"
                      .formatted(target.upstream().user(), target.upstream().passwordFile()));
    };
  }

  /** Whether a setting of Microsoft 365 forbids passwords. */
  private static boolean isAgainstPasswords(OriginReply reply) {
    return reply.alert() == Alert.BASIC_AUTH_IS_OFF
        || reply == OriginReply.MAILBOX_BASIC_AUTH_DISABLED;
  }

  @Override
  public Diagnosis sender(String sender, String reply) {
    return reply.startsWith("4")
        ? Diagnosis.of(PathFailure.BUSY, "try again in a few minutes")
        : Diagnosis.of(
            PathFailure.SENDER_REFUSED,
            "the user %s may not send as %s; allow it at the origin, or set the device's sender"
                .formatted(target.upstream().user(), sender));
  }
}
