package org.tlsuplift.server.it.peer;

import java.net.InetSocketAddress;
import java.util.List;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;

/** A real Dovecot as the server that takes mail, by tokens only, and hands it on to a Postfix. */
public final class DovecotSubmission {
  private final RunningDovecot running;
  private final List<MailOrigin> origins;

  private DovecotSubmission(RunningDovecot running, List<MailOrigin> origins) {
    this.running = running;
    this.origins = origins;
  }

  /** Starts one in both forms of TLS, which ends with the lab. */
  public static DovecotSubmission start(
      Lab lab, Identity identity, Verifier verifier, InetSocketAddress next) {
    List<MailOrigin> origins = List.of(free(TlsForm.STARTTLS), free(TlsForm.IMPLICIT));
    return new DovecotSubmission(
        RunningDovecot.start(
            lab,
            lab.directory("submission"),
            identity,
            verifier,
            List.of(Mail.SMTP),
            settings(next),
            origins),
        origins);
  }

  /** Where it begins TLS in that form. */
  public MailOrigin origin(TlsForm form) {
    return origins.stream().filter(each -> each.form() == form).findFirst().orElseThrow();
  }

  /** Waits until a mailbox has been signed in to; gives what was agreed to. */
  public String awaitVersion(String mailbox) {
    return awaitVersion(mailbox, "XOAUTH2");
  }

  /** Waits until a user has signed in by this mechanism; returns the agreed version. */
  public String awaitVersion(String user, String mechanism) {
    return running.awaitVersion(Mail.SMTP, user, mechanism);
  }

  private static MailOrigin free(TlsForm form) {
    return new MailOrigin(
        Mail.SMTP, form, new InetSocketAddress(Loopback.V4, Loopback.freePort(Loopback.V4)));
  }

  private static String settings(InetSocketAddress next) {
    return """
        ssl_min_protocol = TLSv1.2
        submission_relay_host = %1$s
        submission_relay_port = %2$d
        submission_relay_ssl = starttls
        submission_relay_ssl_verify = no
        """
        .formatted(next.getHostString(), next.getPort());
  }
}
