package org.tlsuplift.server.it.mail;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.proxy.testing.Peer;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.mail.MailDevice.Way;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.MailOrigin;
import org.tlsuplift.server.it.peer.OriginVersions;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.TlsForm;

/** Through an HTTP proxy's {@code CONNECT} the port that is asked for tells the protocol. */
class MailConnectIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static Daemon daemon;
  private static PostOffice office;

  @BeforeAll
  static void start() {
    Peer.requirePort(25);
    TestCa ca = new TestCa(lab);
    List<MailOrigin> origins = new ArrayList<>();
    // The well-known ports are free only on an address without other listeners.
    var address = Loopback.ownAddress(25, 587, 465, 143, 993, 110, 995);
    origins.addAll(MailOrigin.onKnownPorts(address));
    origins.add(new MailOrigin(Mail.SMTP, TlsForm.STARTTLS, new InetSocketAddress(address, 25)));
    Identity identity = ca.issue(address.getHostAddress());
    office = PostOffice.start(lab, identity, OriginVersions.MODERN, origins);
    daemon =
        Daemon.start(
            lab,
            """
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy, mail: {allowedSenders: ["@%s"]}}
            routes:
              - {to: ["127.0.0.0/8:*"], action: bridge}
            upstream: {trust: "%s"}
            """
                .formatted(Account.DOMAIN, ca.file()));
  }

  private static Stream<Arguments> everyPort() {
    return Stream.of(
            new CurlMailDevice(lab, "1.0"),
            new OpensslMailDevice("-tls1"),
            new PythonMailDevice(lab, "TLSv1", "EHLO"))
        .flatMap(device -> office.origins().stream().map(origin -> Arguments.of(device, origin)));
  }

  @ParameterizedTest(name = "{0} to {1}")
  @MethodSource("everyPort")
  void upgrades(MailDevice device, MailOrigin origin) {
    new MailExchange(daemon, office, "TLSv1.3")
        .by(device, Way.connect(daemon, "web", origin), "web");
  }
}
