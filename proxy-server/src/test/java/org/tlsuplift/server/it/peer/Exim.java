package org.tlsuplift.server.it.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Peers;

/**
 * A real Exim that takes mail from everybody, into a Maildir for each account. It does not insist
 * on waiting for its replies.
 *
 * <p>Where the first line of a mail ends with a bare LF, so does every other for it, the last one
 * included. That makes it the other server that hidden mails are tried with.
 */
public final class Exim {
  private static final String USER = "Debian-exim";
  private static final int ACCOUNTS = 500;

  private final Child child;
  private final Path folder;
  private final int startTls;
  private final int implicit;
  private final AtomicInteger accounts = new AtomicInteger();

  private Exim(Child child, Path folder, int startTls, int implicit) {
    this.child = child;
    this.folder = folder;
    this.startTls = startTls;
    this.implicit = implicit;
  }

  /** Starts one that ends with the lab. */
  public static Exim start(Lab lab, Identity identity) {
    Peers.requireRoot("Exim");
    Path program = Peers.exim();
    Path folder = lab.directory("exim");
    int startTls = Loopback.freePort(Loopback.V4);
    int implicit = Loopback.freePort(Loopback.V4);
    Lab.write(folder.resolve("accounts"), accounts());
    Path key = copy(identity.keyFile(), folder.resolve("key.pem"));
    for (String each : List.of("spool", "log", "mails")) {
      own(create(folder.resolve(each)));
    }
    Path config =
        Lab.write(
            folder.resolve("exim.conf"),
            config(folder, identity.certificateFile(), key, startTls, implicit));
    List<String> command = List.of(program.toString(), "-C", config.toString(), "-bdf", "-q1h");
    Child child = lab.add(Child.start(new ProcessBuilder(command)));
    child.awaitListening(List.of(at(startTls), at(implicit)));
    return new Exim(child, folder, startTls, implicit);
  }

  /** Its port as host:port. */
  public String byName(TlsForm form) {
    return "localhost:" + address(form).getPort();
  }

  public InetSocketAddress address(TlsForm form) {
    return at(form == TlsForm.IMPLICIT ? implicit : startTls);
  }

  /** An account whose mailbox is empty. */
  public Account newAccount() {
    return new Account(Postfix.address(accounts.getAndIncrement()), "any");
  }

  /** Waits for the only mail of an account. */
  public Path awaitMail(Account account) {
    return Maildirs.awaitMail(folder.resolve("mails"), account);
  }

  public boolean hasMail(Account account) {
    return !Maildirs.mails(folder.resolve("mails").resolve(account.address())).isEmpty();
  }

  /** All that it has logged until now. */
  public String log() {
    try (Stream<Path> files = Files.list(folder.resolve("log"))) {
      return files.map(Letter::read).collect(Collectors.joining());
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  @Override
  public String toString() {
    return child + log();
  }

  private static String config(Path folder, Path certificate, Path key, int port, int implicit) {
    return """
        primary_hostname = localhost
        spool_directory = %1$s/spool
        log_file_path = %1$s/log/%%slog
        log_selector = +smtp_connection +received_recipients
        pid_file_path = %1$s/spool/exim.pid
        local_interfaces = <; [127.0.0.1]:%4$d ; [127.0.0.1]:%5$d
        tls_on_connect_ports = %5$d
        tls_advertise_hosts = *
        tls_certificate = %2$s
        tls_privatekey = %3$s
        domainlist local = %6$s
        acl_smtp_rcpt = recipient
        acl_smtp_data = accept
        chunking_advertise_hosts = *
        smtp_enforce_sync = false
        smtp_accept_max = 0
        message_size_limit = 100M
        host_lookup =
        rfc1413_query_timeout = 0s
        keep_environment =
        # So that it need not start itself as root again, with a configuration that it does not know.
        deliver_drop_privilege = true
        never_users =
        begin acl
        recipient:
          accept domains = +local
          deny
        begin routers
        accounts:
          driver = accept
          domains = +local
          local_parts = lsearch;%1$s/accounts
          transport = maildir
        begin transports
        maildir:
          driver = appendfile
          directory = %1$s/mails/$local_part_data
          maildir_format
          create_directory
          user = %7$s
        begin authenticators
        plain:
          driver = plaintext
          public_name = PLAIN
          server_prompts = :
          server_condition = true
          server_set_id = $auth2
          server_advertise_condition = ${if def:tls_in_cipher}
        """
        .formatted(folder, certificate, key, port, implicit, Account.DOMAIN, USER);
  }

  private static String accounts() {
    return IntStream.range(0, ACCOUNTS)
        .mapToObj(Postfix::address)
        .map(address -> address.substring(0, address.indexOf('@')) + ": " + address + "\n")
        .collect(Collectors.joining());
  }

  private static InetSocketAddress at(int port) {
    return new InetSocketAddress(Loopback.V4, port);
  }

  private static Path create(Path directory) {
    try {
      return Files.createDirectory(directory);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  private static Path copy(Path from, Path to) {
    try {
      return own(Files.copy(from, to));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  private static Path own(Path path) {
    try {
      UserPrincipal user =
          path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(USER);
      return Files.setOwner(path, user);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
