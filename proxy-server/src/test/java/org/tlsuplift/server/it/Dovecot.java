package org.tlsuplift.server.it;

import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A real Dovecot: IMAP and POP3 in both forms of TLS, and the authentication of Postfix.
 *
 * <p>Everybody has a Maildir of their own, as the user {@code mail}, which every Debian has; and
 * the same password, if it goes by passwords.
 */
final class Dovecot {
  static final String PASSWORD = "correct-horse-of-the-printer";

  private final Child child;
  private final Path folder;

  private Dovecot(Child child, Path folder) {
    this.child = child;
    this.folder = folder;
  }

  /** Starts one for these ports, which ends with the lab. */
  static Dovecot start(
      Lab lab,
      Identity identity,
      OriginVersions versions,
      Verifier verifier,
      List<MailOrigin> all) {
    Peers.requireRoot("Dovecot");
    String program = Peers.require("dovecot");
    List<MailOrigin> origins = all.stream().filter(each -> each.mail() != Mail.SMTP).toList();
    Path folder = lab.directory("dovecot");
    Maildirs.create(folder);
    Path config =
        Lab.write(folder.resolve("dovecot.conf"), config(folder, identity, versions, verifier));
    Lab.write(folder.resolve("ports.conf"), ports(origins));
    Child child =
        lab.add(Child.start(new ProcessBuilder(List.of(program, "-F", "-c", config.toString()))));
    await(child + " listens")
        .atMost(Duration.ofSeconds(15))
        .failFast(() -> !child.isAlive())
        .until(() -> origins.stream().allMatch(each -> Loopback.accepts(each.address())));
    return new Dovecot(child, folder);
  }

  /** Where Postfix asks whether a password is right. */
  Path authentication() {
    return folder.resolve("auth");
  }

  /** Where the mails of everybody are. */
  Path mails() {
    return Maildirs.in(folder);
  }

  /** The version that was agreed to in the only session of an account. */
  String awaitVersion(Mail mail, Account account) {
    return child
        .awaitOutput(
            Pattern.compile(
                mail.label()
                    + "-login: Info: Logged in: user=<"
                    + Pattern.quote(account.address())
                    + ">.*, (TLSv[0-9.]+) with cipher"))
        .group(1);
  }

  /** All that it has logged until now. */
  String log() {
    return child.output();
  }

  private static String config(
      Path folder, Identity identity, OriginVersions versions, Verifier verifier) {
    return """
        dovecot_config_version = 2.4.1
        dovecot_storage_version = 2.4.1
        base_dir = %1$s/run
        state_dir = %1$s/state
        log_path = /dev/stderr
        login_log_format_elements = user=<%%{user}> method=%%{mechanism} %%{ssl_security}
        import_environment {
          OPENSSL_CONF = %2$s
        }
        protocols = imap pop3
        ssl = required
        ssl_server_cert_file = %3$s
        ssl_server_key_file = %4$s
        ssl_min_protocol = %5$s
        ssl_cipher_list = ALL:@SECLEVEL=0
        auth_allow_cleartext = no
        auth_mechanisms = %7$s
        auth_failure_delay = 0
        first_valid_uid = 1
        first_valid_gid = 1
        mail_driver = maildir
        mail_path = %6$s/%%{user}
        %8$s
        userdb static {
          fields {
            uid = mail
            gid = mail
            home = %6$s/%%{user}
          }
        }
        service anvil {
          # Otherwise each wrong password makes the next attempt wait longer.
          unix_listener anvil-auth-penalty {
            mode = 0
          }
        }
        service auth {
          unix_listener %1$s/auth {
            mode = 0666
          }
        }
        !include ports.conf
        """
        .formatted(
            folder,
            versions.opensslConfig(folder),
            identity.certificateFile(),
            identity.keyFile(),
            versions.oldest(),
            Maildirs.in(folder),
            verifier.mechanisms(),
            verifier.settings());
  }

  private static String ports(List<MailOrigin> origins) {
    StringBuilder text = new StringBuilder();
    text.append("listen = ").append(origins.get(0).address().getHostString()).append('\n');
    for (MailOrigin each : origins) {
      boolean implicit = each.form() == TlsForm.IMPLICIT;
      text.append("service ").append(each.mail().label()).append("-login {\n");
      text.append("  inet_listener ").append(each.mail().label()).append(implicit ? "s" : "");
      text.append(" {\n    port = ").append(each.address().getPort()).append('\n');
      text.append("    ssl = ").append(implicit ? "yes" : "no").append("\n  }\n}\n");
    }
    return text.toString();
  }
}
