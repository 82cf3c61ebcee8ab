package org.tlsuplift.server.it.peer;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Peers;

/**
 * A real Dovecot, whatever it serves, with the mailboxes of everybody.
 *
 * <p>Everybody has a Maildir of their own, as the user {@code mail}, which every Debian has.
 */
final class RunningDovecot {
  private final Child child;
  private final Path folder;

  private RunningDovecot(Child child, Path folder) {
    this.child = child;
    this.folder = folder;
  }

  /**
   * Starts one that ends with the lab.
   *
   * @param folder of its own, empty but for what its settings need
   * @param services what it serves
   * @param settings what it has beside what all have
   * @param origins where it listens, at least once
   */
  static RunningDovecot start(
      Lab lab,
      Path folder,
      Identity identity,
      Verifier verifier,
      List<Mail> services,
      String settings,
      List<MailOrigin> origins) {
    Peers.requireRoot("Dovecot");
    List<String> names = services.stream().map(RunningDovecot::service).toList();
    String program = Peers.dovecot(names);
    Maildirs.create(folder);
    String ports = origins.stream().map(RunningDovecot::port).collect(Collectors.joining());
    Path config =
        Lab.write(
            folder.resolve("dovecot.conf"),
            common(folder, identity, verifier, names, origins.get(0)) + settings + ports);
    Child child =
        lab.add(Child.start(new ProcessBuilder(List.of(program, "-F", "-c", config.toString()))));
    child.awaitListening(origins.stream().map(MailOrigin::address).toList());
    return new RunningDovecot(child, folder);
  }

  /** Where the mails of everybody are. */
  Path mails() {
    return Maildirs.in(folder);
  }

  /** Waits for a sign-in by a mechanism, a regular expression; gives what was agreed to. */
  String awaitVersion(Mail mail, String user, String mechanism) {
    return child
        .awaitOutput(
            Pattern.compile(
                service(mail)
                    + "-login: Info: Logged in: user=<"
                    + Pattern.quote(user)
                    + ">, method="
                    + mechanism
                    + ", (TLSv[0-9.]+) with cipher"))
        .group(1);
  }

  /** All that it has logged until now. */
  String log() {
    return child.output();
  }

  private static String common(
      Path folder, Identity identity, Verifier verifier, List<String> services, MailOrigin first) {
    return """
        dovecot_config_version = 2.4.1
        dovecot_storage_version = 2.4.1
        base_dir = %1$s/run
        state_dir = %1$s/state
        protocols = %8$s
        log_path = /dev/stderr
        login_log_format_elements = user=<%%{user}> method=%%{mechanism} %%{ssl_security}
        listen = %2$s
        ssl = required
        ssl_server_cert_file = %3$s
        ssl_server_key_file = %4$s
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
        """
        .formatted(
            folder,
            first.address().getHostString(),
            identity.certificateFile(),
            identity.keyFile(),
            verifier.mechanisms(),
            Maildirs.in(folder),
            verifier.settings(),
            String.join(" ", services));
  }

  private static String port(MailOrigin origin) {
    boolean implicit = origin.form() == TlsForm.IMPLICIT;
    return """
        service %1$s-login {
          inet_listener %2$s {
            port = %3$d
            ssl = %4$s
          }
        }
        """
        .formatted(
            service(origin.mail()),
            service(origin.mail()) + (implicit ? "s" : ""),
            origin.address().getPort(),
            implicit ? "yes" : "no");
  }

  private static String service(Mail mail) {
    return mail == Mail.SMTP ? "submission" : mail.label();
  }
}
