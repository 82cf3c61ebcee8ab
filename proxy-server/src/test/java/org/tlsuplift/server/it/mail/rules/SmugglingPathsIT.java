package org.tlsuplift.server.it.mail.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.server.it.mail.Smuggler.CRLF;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.proxy.testing.Peer;
import org.tlsuplift.server.it.lab.Account;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.mail.MailDevice.Way;
import org.tlsuplift.server.it.mail.MailListener;
import org.tlsuplift.server.it.mail.Smuggler;
import org.tlsuplift.server.it.mail.Smuggler.Mails;
import org.tlsuplift.server.it.peer.Exim;
import org.tlsuplift.server.it.peer.Mail;
import org.tlsuplift.server.it.peer.MailOrigin;
import org.tlsuplift.server.it.peer.OriginVersions;
import org.tlsuplift.server.it.peer.PostOffice;
import org.tlsuplift.server.it.peer.PostfixPort;
import org.tlsuplift.server.it.peer.TlsForm;

/**
 * Mails that are hidden in the data of another, at a Postfix and an Exim that fall for them: on
 * every way that a device can take, none of both ever gets two.
 */
class SmugglingPathsIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String END = "\\n.\\n";
  private static final List<String> LINES = List.of(CRLF, "\\n");

  private static TestCa ca;
  private static PostOffice office;
  private static House postfix;
  private static House exim;
  private static Daemon daemon;
  private static MailOrigin known;

  /** A way of a device. */
  record Path(String name, House house, String listener, Smuggler device) {
    @Override
    public String toString() {
      return house.name() + " " + name;
    }
  }

  @BeforeAll
  static void start() {
    Peer.requirePort(25);
    ca = new TestCa(lab);
    TestCa customers = new TestCa(lab, "Customers of the test");
    InetAddress own = Loopback.ownAddress(25);
    known = new MailOrigin(Mail.SMTP, TlsForm.STARTTLS, new InetSocketAddress(own, 25));
    Identity identity = ca.issue("localhost", own.getHostAddress());
    Identity site = customers.issue("site.corp.example");

    PostfixPort startTls = PostfixPort.open().takingBareLines();
    PostfixPort implicit = PostfixPort.open().takingBareLines().implicit();
    PostfixPort withPasswords = PostfixPort.lenient();
    PostfixPort connector = PostfixPort.connector(customers.file()).takingBareLines();
    office =
        PostOffice.start(
            lab,
            identity,
            OriginVersions.MODERN,
            startTls,
            implicit,
            withPasswords,
            connector,
            PostfixPort.open().takingBareLines().at(known.address()));
    postfix = House.of(office, startTls, implicit);
    exim = House.of(Exim.start(lab, identity));

    List<String> listeners = new ArrayList<>();
    for (House house : List.of(postfix, exim)) {
      String label = house.name();
      listeners.add(
          line(label + "-implicit", "implicit", TlsForm.IMPLICIT, house.implicitName(), ""));
      listeners.add(
          line(label + "-starttls", "starttls", TlsForm.STARTTLS, house.startTlsName(), ""));
      listeners.add(optional(label + "-optional", TlsForm.STARTTLS, house.startTlsName(), ""));
      listeners.add(optional(label + "-mixed", TlsForm.IMPLICIT, house.implicitName(), ""));
      listeners.add(
          optional(
              label + "-repair",
              TlsForm.STARTTLS,
              house.startTlsName(),
              ", mail: {repairLineEnds: true}"));
      listeners.add(
          optional(
              label + "-refuse",
              TlsForm.STARTTLS,
              house.startTlsName(),
              ", mail: {repairLineEnds: refuse}"));
    }
    listeners.add(line("passwords", "starttls", TlsForm.STARTTLS, withPasswords.byName(), ""));
    listeners.add(
        optional(
            "connector",
            TlsForm.STARTTLS,
            connector.byName(),
            ", mail: {allowedSenders: [\"@" + Account.DOMAIN + "\"]}"));
    listeners.add(
        "  - {name: web, bind: \"127.0.0.1:0\", accept: http-connect, profile: legacy, mail:"
            + " {allowedSenders: [\"@"
            + Account.DOMAIN
            + "\"]}}");
    daemon =
        Daemon.start(
            lab,
            """
            listeners:
            %s
            routes:
              - to: ["%s"]
                action: bridge
                clientCertificate: {certificate: "%s", key: "%s"}
              - {to: ["localhost:1024-65535", "%s"], action: bridge}
            upstream: {trust: "%s"}
            """
                .formatted(
                    String.join("\n", listeners),
                    connector.byName(),
                    site.certificateFile(),
                    site.keyFile(),
                    known.byAddress(),
                    ca.file()));
  }

  private static String optional(String name, TlsForm upstream, String origin, String more) {
    return line(name, "optional", upstream, origin, ", allowPlaintext: true" + more);
  }

  private static String line(
      String name, String downstream, TlsForm upstream, String origin, String more) {
    return new MailListener(name, Mail.SMTP, downstream, upstream, origin, more).line();
  }

  private static Stream<House> houses() {
    return Stream.of(postfix, exim);
  }

  /** The control: with these servers it works. */
  @ParameterizedTest
  @MethodSource("houses")
  void originAcceptsTwoMailsWithoutAProxy(House house) {
    Account open = house.newAccount();
    Account hidden = house.newAccount();
    Smuggler.startTls(house.startTls(), ca.file(), "TLSv1_2", "NONE")
        .send(new Mails(open, open, hidden, house.credulousLines(), END, "whole"));
    house.awaitMail(open);
    house.awaitMail(hidden);
  }

  private static Stream<Path> paths() {
    List<Path> paths = new ArrayList<>();
    for (House house : List.of(postfix, exim)) {
      String label = house.name();
      String optional = label + "-optional";
      String mixed = label + "-mixed";
      paths.add(
          path("implicit TLS", house, label + "-implicit", device(label + "-implicit", true)));
      paths.add(path("STARTTLS", house, label + "-starttls", device(label + "-starttls", false)));
      paths.add(path("optional, implicit TLS", house, optional, device(optional, true)));
      paths.add(path("optional, STARTTLS", house, optional, device(optional, false)));
      paths.add(path("without TLS", house, optional, device(optional, false).withoutTls()));
      paths.add(path("implicit TLS to STARTTLS", house, optional, device(optional, true)));
      paths.add(path("STARTTLS to implicit TLS", house, mixed, device(mixed, false)));
      paths.add(
          path("without TLS to implicit TLS", house, mixed, device(mixed, false).withoutTls()));
    }
    paths.add(
        path("own password", postfix, "passwords", device("passwords", false).signingIn("PLAIN")));
    paths.add(
        path(
            "own password",
            exim,
            "exim-starttls",
            device("exim-starttls", false).signingIn("PLAIN")));
    paths.add(path("connector", postfix, "connector", device("connector", false)));
    paths.add(
        path(
            "connector without TLS",
            postfix,
            "connector",
            device("connector", false).withoutTls()));
    paths.add(path("HTTP proxy", postfix, "web", Smuggler.of(Way.connect(daemon, "web", known))));
    return paths.stream();
  }

  private static Path path(String name, House house, String listener, Smuggler device) {
    return new Path(name, house, listener, device);
  }

  private static Smuggler device(String listener, boolean implicit) {
    TlsForm form = implicit ? TlsForm.IMPLICIT : TlsForm.STARTTLS;
    return Smuggler.of(Way.fixed(daemon, listener, Mail.SMTP, form));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("paths")
  void noMailboxGetsTwoMails(Path path) {
    House house = path.house();
    List<Mails> refused = new ArrayList<>();
    for (String lines : LINES) {
      for (String pieces : List.of("whole", "bytes")) {
        Account open = house.newAccount();
        refused.add(new Mails(open, open, house.newAccount(), lines, END, pieces));
      }
    }
    Mails taken = twoThatAreTwo(house);
    List<Mails> sessions = new ArrayList<>(refused);
    sessions.add(taken);
    int mark = daemon.mark();

    List<Run> runs = path.device().send(sessions);

    for (Run run : runs.subList(0, refused.size())) {
      assertThat(run.output()).contains("< 554 5.6.0 ").contains("end lines with CRLF");
      assertThat(run.output()).doesNotContain("< 250 ", "< 354 ");
    }
    daemon.awaitSessionLines(
        mark, refused.size(), "listener", path.listener(), "reason", "device_protocol_error");
    assertTaken(house, taken, runs.get(refused.size()));
    assertThat(refused).map(Mails::open).noneMatch(house::hasMail);
    assertThat(refused).map(Mails::hidden).noneMatch(house::hasMail);
  }

  private static Mails twoThatAreTwo(House house) {
    Account open = house.newAccount();
    return new Mails(open, open, house.newAccount(), CRLF + "." + CRLF, "bytes");
  }

  private static void assertTaken(House house, Mails two, Run run) {
    assertThat(run.output()).containsPattern("(?s)< 250 .*< 354 .*< 250 .*< 221 ");
    house.awaitMail(two.open());
    house.awaitMail(two.hidden());
  }

  /** With repaired line ends it is one mail for everybody. */
  @ParameterizedTest
  @MethodSource("houses")
  void repairedDataIsOneMail(House house) {
    String listener = house.name() + "-repair";
    List<Mails> sessions = new ArrayList<>();
    for (String lines : LINES) {
      for (String end : List.of(END, "\\r.\\r", "\\n.\\r\\n", "\\r\\n.\\n", "\\r\\n.\\r")) {
        Account open = house.newAccount();
        sessions.add(new Mails(open, open, house.newAccount(), lines, end, "bytes"));
      }
    }

    List<Run> runs = device(listener, false).send(sessions);

    for (int i = 0; i < sessions.size(); i++) {
      Mails each = sessions.get(i);
      assertThat(runs.get(i).output()).containsOnlyOnce("< 250 ").contains("< 221 ");
      assertThat(house.awaitMail(each.open()).replace("\r\n", "\n"))
          .as("%s", each)
          .contains("Subject: open\n", "\nopen\n.\nMAIL FROM:<")
          .endsWith("Subject: hidden\n\nhidden\n");
    }
    assertThat(sessions).map(Mails::hidden).noneMatch(house::hasMail);
    assertThat(daemon.metrics().sum("tlsuplift_messages_repaired_total", "listener", listener))
        .isEqualTo(sessions.size());
  }

  @ParameterizedTest
  @MethodSource("houses")
  void oneBareLineFeedIsEnoughForARefusal(House house) {
    String listener = house.name() + "-refuse";
    Account open = house.newAccount();
    Mails taken = twoThatAreTwo(house);
    int mark = daemon.mark();

    List<Run> runs =
        device(listener, false)
            .send(List.of(new Mails(open, open, open, "\\nx\\r\\n", "whole"), taken));

    assertThat(runs.get(0).output()).contains("< 554 5.6.0 ").doesNotContain("< 250 ");
    daemon.awaitSessionLine(mark, "listener", listener, "reason", "device_protocol_error");
    assertTaken(house, taken, runs.get(1));
    assertThat(house.hasMail(open)).isFalse();
  }

  @Test
  void theConnectorGotACertificate() {
    Account open = office.newAccount();
    Account other = office.newAccount();
    device("connector", false).send(new Mails(open, open, other, CRLF + "." + CRLF, "whole"));
    assertThat(Stream.of(open, other).map(postfix::awaitMail).collect(Collectors.toList()))
        .allSatisfy(mail -> assertThat(mail).contains("Client CN \"site.corp.example\""));
  }
}
