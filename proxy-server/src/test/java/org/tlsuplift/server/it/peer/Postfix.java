package org.tlsuplift.server.it.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Peers;

/**
 * A real Postfix that delivers into the mailboxes of a Dovecot.
 *
 * <p>Each mail says in its first {@code Received} what was agreed to.
 */
public final class Postfix {
  /** How many accounts there are; its delivery agent wants them listed. */
  static final int ACCOUNTS = 500;

  static final String PROGRAMS = "/usr/lib/postfix/sbin";

  /** What every Postfix is made of. */
  static final String SERVICES =
      """
      pickup    unix  n - n 60 1 pickup
      cleanup   unix  n - n - 0 cleanup
      qmgr      unix  n - n 300 1 qmgr
      tlsmgr    unix  - - n 1000? 1 tlsmgr
      rewrite   unix  - - n - - trivial-rewrite
      bounce    unix  - - n - 0 bounce
      defer     unix  - - n - 0 bounce
      trace     unix  - - n - 0 bounce
      proxymap  unix  - - n - - proxymap
      error     unix  - - n - - error
      retry     unix  - - n - - error
      virtual   unix  - n n - - virtual
      anvil     unix  - - n - 1 anvil
      postlog   unix-dgram n - n - 1 postlogd
      """;

  private final Child child;

  private Postfix(Child child) {
    this.child = child;
  }

  public static String address(int number) {
    return "device" + number + "@" + Account.DOMAIN;
  }

  /** Starts one for these ports, which ends with the lab. */
  static Postfix start(
      Lab lab,
      Dovecot dovecot,
      Identity identity,
      OriginVersions versions,
      List<PostfixPort> ports) {
    Peers.requireRoot("Postfix");
    Peers.require("postfix");
    Path folder = lab.directory("postfix");
    createQueue(folder);
    Lab.write(folder.resolve("mailboxes"), mailboxes());
    Lab.write(folder.resolve("main.cf"), main(folder, dovecot, identity, versions));
    Lab.write(folder.resolve("master.cf"), master(ports));
    List<String> command = List.of(PROGRAMS + "/master", "-c", folder.toString(), "-d");
    Child child = lab.add(Child.start(new ProcessBuilder(command)));
    child.awaitListening(ports.stream().map(PostfixPort::address).toList());
    return new Postfix(child);
  }

  /** All that it has logged until now. */
  String log() {
    return child.output();
  }

  private static String main(
      Path folder, Dovecot dovecot, Identity identity, OriginVersions versions) {
    return """
        compatibility_level = 3.6
        queue_directory = %1$s/queue
        data_directory = %1$s/data
        mail_owner = postfix
        setgid_group = postdrop
        maillog_file = /dev/stdout
        inet_protocols = ipv4
        myhostname = localhost
        mydestination =
        mynetworks =
        alias_maps =
        default_database_type = texthash
        smtpd_peername_lookup = no
        smtpd_error_sleep_time = 0
        in_flow_delay = 0
        message_size_limit = 104857600
        virtual_mailbox_domains = %2$s
        virtual_mailbox_base = %3$s
        virtual_mailbox_maps = texthash:%1$s/mailboxes
        virtual_mailbox_limit = 0
        virtual_minimum_uid = 1
        virtual_uid_maps = static:8
        virtual_gid_maps = static:8
        smtpd_relay_restrictions = permit_sasl_authenticated, reject
        smtpd_recipient_restrictions =
        smtpd_sasl_auth_enable = yes
        smtpd_sasl_type = dovecot
        smtpd_sasl_path = %4$s
        smtpd_sasl_security_options = noanonymous
        smtpd_sasl_authenticated_header = yes
        smtpd_tls_auth_only = yes
        smtpd_tls_security_level = encrypt
        smtpd_tls_cert_file = %5$s
        smtpd_tls_key_file = %6$s
        smtpd_tls_mandatory_protocols = >=%7$s, <=%8$s
        smtpd_tls_mandatory_ciphers = low
        tls_low_cipherlist = ALL:@SECLEVEL=0
        smtpd_tls_received_header = yes
        smtpd_tls_loglevel = 1
        """
        .formatted(
            folder,
            Account.DOMAIN,
            dovecot.mails(),
            dovecot.authentication(),
            identity.certificateFile(),
            identity.keyFile(),
            versions.oldest(),
            versions.newest());
  }

  private static String master(List<PostfixPort> ports) {
    return ports.stream().map(PostfixPort::service).collect(Collectors.joining()) + SERVICES;
  }

  private static String mailboxes() {
    return IntStream.range(0, ACCOUNTS)
        .mapToObj(Postfix::address)
        .map(address -> address + " " + address + "/\n")
        .collect(Collectors.joining());
  }

  /** What {@code postfix check} does, which takes two seconds. */
  static void createQueue(Path folder) {
    try {
      own(Files.createDirectory(folder.resolve("data")), "rwx------");
      Path queue = Files.createDirectory(folder.resolve("queue"));
      Files.createDirectory(queue.resolve("pid"));
      for (String name :
          List.of(
              "active bounce corrupt defer deferred flush hold incoming private saved trace"
                  .split(" "))) {
        own(Files.createDirectory(queue.resolve(name)), "rwx------");
      }
      own(Files.createDirectory(queue.resolve("public")), "rwx--x---");
      own(Files.createDirectory(queue.resolve("maildrop")), "rwx-wx---");
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  private static void own(Path path, String permissions) throws IOException {
    var users = path.getFileSystem().getUserPrincipalLookupService();
    Files.setOwner(path, users.lookupPrincipalByName("postfix"));
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }
}
