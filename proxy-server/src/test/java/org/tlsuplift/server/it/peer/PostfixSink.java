package org.tlsuplift.server.it.peer;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.Peers;

/**
 * A real Postfix that wants STARTTLS with TLS 1.2 or later, takes every letter for {@link
 * Account#DOMAIN} and drops it.
 */
public final class PostfixSink {
  private final Child child;

  private PostfixSink(Child child) {
    this.child = child;
  }

  /** Starts one with an identity for each address, which ends with the lab. */
  public static PostfixSink start(
      Lab lab, Machine machine, Map<InetSocketAddress, Identity> ports) {
    Peers.requireRoot("Postfix");
    Peers.require("postfix");
    Path folder = lab.directory("postfix");
    Postfix.createQueue(folder);
    Lab.write(folder.resolve("main.cf"), main(folder));
    Lab.write(
        folder.resolve("master.cf"),
        ports.entrySet().stream()
                .map(each -> service(each.getKey(), each.getValue()))
                .collect(Collectors.joining())
            + Postfix.SERVICES
            + "discard   unix  - - n - - discard\n");
    List<String> master = List.of(Postfix.PROGRAMS + "/master", "-c", folder.toString(), "-d");
    Child child = lab.add(Child.start(new ProcessBuilder(machine.command(master))));
    child.awaitListening(machine, ports.keySet());
    return new PostfixSink(child);
  }

  /** All that it has logged until now. */
  public String log() {
    return child.output();
  }

  private static String service(InetSocketAddress address, Identity identity) {
    return """
        %s inet n - n - - smtpd
          -o smtpd_tls_cert_file=%s
          -o smtpd_tls_key_file=%s
        """
        .formatted(Loopback.text(address), identity.certificateFile(), identity.keyFile());
  }

  private static String main(Path folder) {
    return """
        compatibility_level = 3.6
        queue_directory = %1$s/queue
        data_directory = %1$s/data
        mail_owner = postfix
        setgid_group = postdrop
        maillog_file = /dev/stdout
        inet_protocols = all
        myhostname = localhost
        mydestination =
        mynetworks =
        alias_maps =
        default_database_type = texthash
        smtpd_peername_lookup = no
        smtpd_error_sleep_time = 0
        virtual_mailbox_domains = %2$s
        virtual_transport = discard
        smtpd_relay_restrictions = reject_unauth_destination
        smtpd_recipient_restrictions =
        smtpd_tls_security_level = encrypt
        smtpd_tls_mandatory_protocols = >=TLSv1.2
        smtpd_tls_loglevel = 1
        """
        .formatted(folder, Account.DOMAIN);
  }
}
