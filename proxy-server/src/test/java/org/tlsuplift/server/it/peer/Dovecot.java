package org.tlsuplift.server.it.peer;

import java.nio.file.Path;
import java.util.List;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;

/**
 * A real Dovecot: IMAP and POP3 in both forms of TLS, and the authentication of Postfix.
 *
 * <p>Everybody has the same password, if it goes by passwords.
 */
final class Dovecot {
  static final String PASSWORD = "correct-horse-of-the-printer";

  private final RunningDovecot running;
  private final Path authentication;

  private Dovecot(RunningDovecot running, Path authentication) {
    this.running = running;
    this.authentication = authentication;
  }

  /** Starts one for these ports, which ends with the lab. */
  static Dovecot start(
      Lab lab,
      Identity identity,
      OriginVersions versions,
      Verifier verifier,
      List<MailOrigin> all) {
    Path folder = lab.directory("dovecot");
    Path authentication = folder.resolve("auth");
    return new Dovecot(
        RunningDovecot.start(
            lab,
            folder,
            identity,
            verifier,
            List.of(Mail.IMAP, Mail.POP3),
            settings(versions, versions.opensslConfig(folder), authentication),
            all.stream().filter(each -> each.mail() != Mail.SMTP).toList()),
        authentication);
  }

  /** Where Postfix asks whether a password is right. */
  Path authentication() {
    return authentication;
  }

  /** Where the mails of everybody are. */
  Path mails() {
    return running.mails();
  }

  /** The version that was agreed to in the only session of an account. */
  String awaitVersion(Mail mail, Account account) {
    return running.awaitVersion(mail, account.address(), "\\S+");
  }

  /** All that it has logged until now. */
  String log() {
    return running.log();
  }

  private static String settings(OriginVersions versions, Path opensslConfig, Path authentication) {
    return """
        import_environment {
          OPENSSL_CONF = %1$s
        }
        ssl_min_protocol = %2$s
        ssl_cipher_list = ALL:@SECLEVEL=0
        service anvil {
          # Otherwise each wrong password makes the next attempt wait longer.
          unix_listener anvil-auth-penalty {
            mode = 0
          }
        }
        service auth {
          unix_listener %3$s {
            mode = 0666
          }
        }
        """
        .formatted(opensslConfig, versions.oldest(), authentication);
  }
}
