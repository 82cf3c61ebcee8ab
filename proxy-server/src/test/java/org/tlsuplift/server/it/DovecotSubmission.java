package org.tlsuplift.server.it;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** A real Dovecot as the server that takes mail, by tokens only, and hands it on to a Postfix. */
final class DovecotSubmission {
  private final Child child;
  private final List<MailOrigin> origins;

  private DovecotSubmission(Child child, List<MailOrigin> origins) {
    this.child = child;
    this.origins = origins;
  }

  /** Starts one in both forms of TLS, which ends with the lab. */
  static DovecotSubmission start(
      Lab lab, Identity identity, Verifier verifier, InetSocketAddress next) {
    Peers.requireRoot("Dovecot");
    String program = Peers.require("dovecot");
    Path folder = lab.directory("submission");
    Maildirs.create(folder);
    List<MailOrigin> origins = List.of(free(TlsForm.STARTTLS), free(TlsForm.IMPLICIT));
    Path config =
        Lab.write(
            folder.resolve("dovecot.conf"), config(folder, identity, verifier, origins, next));
    Child child =
        lab.add(Child.start(new ProcessBuilder(List.of(program, "-F", "-c", config.toString()))));
    child.awaitListening(origins.stream().map(MailOrigin::address).toList());
    return new DovecotSubmission(child, origins);
  }

  /** Where it begins TLS in that form. */
  MailOrigin origin(TlsForm form) {
    return origins.stream().filter(each -> each.form() == form).findFirst().orElseThrow();
  }

  /** Waits until a mailbox has been signed in to; gives what was agreed to. */
  String awaitVersion(String mailbox) {
    return child
        .awaitOutput(
            Pattern.compile(
                "submission-login: Info: Logged in: user=<"
                    + Pattern.quote(mailbox)
                    + ">, method=XOAUTH2, (TLSv[0-9.]+) with cipher"))
        .group(1);
  }

  private static MailOrigin free(TlsForm form) {
    return new MailOrigin(
        Mail.SMTP, form, new InetSocketAddress(Loopback.V4, Loopback.freePort(Loopback.V4)));
  }

  private static String config(
      Path folder,
      Identity identity,
      Verifier verifier,
      List<MailOrigin> origins,
      InetSocketAddress next) {
    return """
        dovecot_config_version = 2.4.1
        dovecot_storage_version = 2.4.1
        base_dir = %1$s/run
        state_dir = %1$s/state
        log_path = /dev/stderr
        login_log_format_elements = user=<%%{user}> method=%%{mechanism} %%{ssl_security}
        protocols = submission
        listen = %2$s
        ssl = required
        ssl_server_cert_file = %3$s
        ssl_server_key_file = %4$s
        ssl_min_protocol = TLSv1.2
        auth_allow_cleartext = no
        auth_mechanisms = %5$s
        auth_failure_delay = 0
        first_valid_uid = 1
        first_valid_gid = 1
        mail_driver = maildir
        mail_path = %6$s/%%{user}
        %7$s
        userdb static {
          fields {
            uid = mail
            gid = mail
            home = %6$s/%%{user}
          }
        }
        service submission-login {
          inet_listener submission {
            port = %8$d
          }
          inet_listener submissions {
            port = %9$d
            ssl = yes
          }
        }
        submission_relay_host = %10$s
        submission_relay_port = %11$d
        submission_relay_ssl = starttls
        submission_relay_ssl_verify = no
        """
        .formatted(
            folder,
            Loopback.V4.getHostAddress(),
            identity.certificateFile(),
            identity.keyFile(),
            verifier.mechanisms(),
            Maildirs.in(folder),
            verifier.settings(),
            origins.get(0).address().getPort(),
            origins.get(1).address().getPort(),
            next.getHostString(),
            next.getPort());
  }
}
