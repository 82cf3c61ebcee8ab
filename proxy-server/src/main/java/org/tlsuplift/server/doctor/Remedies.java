package org.tlsuplift.server.doctor;

import org.tlsuplift.proxy.signin.dialogue.XoauthStep;
import org.tlsuplift.server.feature.Diagnosis;

/** Explains an origin's replies to a sign-in and to senders. */
interface Remedies {
  /** The diagnosis for the refusal of a sign-in. */
  Diagnosis signIn(XoauthStep.Refused refused);

  /** The diagnosis for the refusal of a sender in MAIL FROM. */
  Diagnosis sender(String sender, String reply);

  /** For a mailbox of Microsoft 365. */
  static Remedies of(CheckTarget checkTarget) {
    return checkTarget.isHighVolume()
        ? new HighVolumeRemedies(checkTarget)
        : new OriginRemedies(checkTarget);
  }
}
