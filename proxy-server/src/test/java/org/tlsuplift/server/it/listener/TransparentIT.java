package org.tlsuplift.server.it.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.uring.IoUring;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.server.it.device.CurlDevice;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.device.OpensslDevice;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Internet;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.NftRules;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.SessionLines;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Nginx;
import org.tlsuplift.server.it.peer.PostfixSink;
import org.tlsuplift.server.it.peer.Site;
import org.tlsuplift.server.testing.AtOnce;

/**
 * Devices that know nothing of the proxy are redirected to it by the shipped rules of nftables, in
 * networks of the test's own.
 */
class TransparentIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String WEB = "web.contoso.example";
  private static final String WEB_4 = "203.0.113.10";
  private static final String WEB_6 = "2001:db8::10";

  /** Its certificate is for its addresses. */
  private static final String NAMELESS_4 = "203.0.113.20";

  private static final String NAMELESS_6 = "2001:db8::20";
  private static final String STRANGER = "203.0.113.66";
  private static final String MAIL = "203.0.113.30";

  /** Within what Microsoft publishes; here they are addresses of the test's own machine. */
  private static final String OUTLOOK_4 = "52.96.0.10";

  private static final String OUTLOOK_6 = "2603:1006::10";

  private static final Listener[] LISTENERS = {
    new Listener("epoll", "redirect", 8444),
    new Listener("epoll", "tproxy", 8445),
    new Listener("io_uring", "redirect", 8446),
    new Listener("io_uring", "tproxy", 8447)
  };

  private static Internet internet;
  private static Daemon epoll;
  private static Daemon ioUring;
  private static Path trusted;
  private static PostfixSink postfix;

  /** One that devices are redirected to. */
  private record Listener(String transport, String rule, int port) {
    Daemon daemon() {
      return transport.equals("epoll") ? epoll : ioUring;
    }

    /** Has all devices redirected to it. */
    void redirectAll() {
      NftRules.shipped(rule)
          .with("device_interfaces", "{ \"" + Internet.devices() + "\" }")
          .with("listener", Integer.toString(port))
          .load(lab, internet.router());
    }

    @Override
    public String toString() {
      return rule + " on " + transport;
    }
  }

  @BeforeAll
  static void start() {
    internet =
        Internet.create(
            lab,
            List.of(WEB_4, WEB_6, NAMELESS_4, NAMELESS_6, STRANGER, MAIL, OUTLOOK_4, OUTLOOK_6));
    // Netty's resolver reads the file too.
    internet.router().etc("hosts", WEB_4 + " " + WEB + "\n" + WEB_6 + " " + WEB + "\n");
    internet.router().etc("resolv.conf", "nameserver 127.0.0.1\n");
    NftRules.shipped("tproxy").route(internet.router());
    TestCa ca = new TestCa(lab);
    trusted = ca.file();
    startOrigins(ca);
    CompletableFuture<Daemon> other =
        AtOnce.supply(() -> startDaemon(ca, LISTENERS[0], LISTENERS[1]));
    ioUring = IoUring.isAvailable() ? startDaemon(ca, LISTENERS[2], LISTENERS[3]) : other.join();
    epoll = other.join();
  }

  private static void startOrigins(TestCa ca) {
    Identity web = ca.issue(WEB, "www.contoso.example");
    Identity nameless = ca.issue(NAMELESS_4, NAMELESS_6);
    Identity outlook = ca.issue("outlook.office365.com", "*.outlook.com");
    Nginx.start(
        lab,
        internet.origins(),
        Site.tls12(at(WEB_4, 443), web),
        Site.tls12(at(WEB_6, 443), web),
        Site.tls12(at(NAMELESS_4, 443), nameless),
        Site.tls12(at(NAMELESS_6, 443), nameless),
        Site.tls12(at(STRANGER, 443), ca.issue("evil.example")),
        Site.tls12(at(OUTLOOK_4, 443), outlook),
        Site.tls12(at(OUTLOOK_6, 443), outlook));
    postfix =
        PostfixSink.start(
            lab,
            internet.origins(),
            Map.of(
                at(MAIL, 587), ca.issue("mail.contoso.example"),
                at(OUTLOOK_4, 587), ca.issue("smtp.office365.com"),
                at(STRANGER, 587), ca.issue("mail.evil.example")));
  }

  private static Daemon startDaemon(TestCa ca, Listener redirect, Listener tproxy) {
    return Daemon.start(
        lab,
        internet.router(),
        """
        listeners:
          - {name: redirect, bind: "[::]:%d", accept: transparent, profile: legacy}
          - {name: tproxy, bind: "[::]:%d", accept: transparent, transparent: tproxy, profile: legacy}
        routes:
          - to: ["%s:443", "mail.contoso.example:587", "%s", "%s"]
            action: bridge
          - {to: [microsoft365], action: bridge}
        upstream: {trust: "%s"}
        transport: %s
        """
            .formatted(
                redirect.port(),
                tproxy.port(),
                WEB,
                NAMELESS_4,
                NAMELESS_6,
                ca.file(),
                redirect.transport()));
  }

  private static InetSocketAddress at(String address, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByName(address), port);
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static Stream<Arguments> listeners() {
    return Arrays.stream(LISTENERS)
        .filter(each -> each.transport().equals("epoll") || IoUring.isAvailable())
        .map(Arguments::of);
  }

  private static Stream<Arguments> listenersAndFamilies() {
    return listeners()
        .flatMap(
            each ->
                Stream.of(
                    Arguments.of(each.get()[0], WEB_4, NAMELESS_4, OUTLOOK_4),
                    Arguments.of(each.get()[0], WEB_6, NAMELESS_6, OUTLOOK_6)));
  }

  /** How a device goes that knows nothing of the proxy. */
  private static Way to(Listener listener, String address) {
    InetSocketAddress origin = at(address, 443);
    return Way.fixed(origin, Loopback.text(origin), listener.daemon().authority());
  }

  private static Run curl(String version, Way way, String... options) {
    return Run.of(internet.device().command(new CurlDevice(version, "ALL").command(way, options)));
  }

  /**
   * A device of TLS 1.0 that sends no SNI, and looks for a name in the certificate all the same.
   */
  private static Run openssl(Way way) {
    List<String> command = new OpensslDevice("-tls1", "ALL").command(way.withoutSni());
    return Run.of(internet.device().command(command), Map.of(), "GET / HTTP/1.0\r\n\r\n");
  }

  private static String alternativeNames(Run run) {
    List<String> command =
        new ArrayList<>(List.of(Peers.require("openssl"), "x509", "-noout", "-ext"));
    command.addAll(List.of("subjectAltName", "-in"));
    command.add(lab.file("shown.pem", run.output()).toString());
    return Run.of(command).succeeded().output();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("listenersAndFamilies")
  void upgradesADeviceThatNamesItsOrigin(
      Listener listener, String web, String nameless, String outlook) {
    listener.redirectAll();
    Run run = curl("1.1", to(listener, web).named(WEB)).succeeded();
    assertThat(run.output())
        .contains("SSL connection using TLSv1.1")
        .contains("origin: TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384 " + WEB + ".");
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("listenersAndFamilies")
  void usesTheNamesOfTheOriginsCertificate(
      Listener listener, String web, String nameless, String outlook) {
    listener.redirectAll();
    Run run = openssl(to(listener, web).named(WEB));
    assertThat(run.succeeded().output())
        .contains("Protocol  : TLSv1\n")
        .contains("Verified peername: " + WEB)
        .contains("origin: TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384 .");
    assertThat(alternativeNames(run)).contains("DNS:" + WEB).doesNotContain("www", "IP");
    assertThat(openssl(to(listener, nameless)).succeeded().output())
        .contains("origin: TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384 .");
  }

  @ParameterizedTest(name = "{0}: {3}")
  @MethodSource("listenersAndFamilies")
  void usesTheEndpointListForMicrosoftsAddresses(
      Listener listener, String web, String nameless, String outlook) {
    listener.redirectAll();
    Run run = openssl(to(listener, outlook).named("outlook.office365.com"));
    assertThat(run.succeeded().output())
        .contains("Verified peername: outlook.office365.com")
        .contains("origin: TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384 outlook.office.com.");
    assertThat(alternativeNames(run))
        .contains("DNS:outlook.office.com", "DNS:outlook.office365.com")
        .doesNotContain("IP");
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("listenersAndFamilies")
  void tunnelsAModernDevice(Listener listener, String web, String nameless, String outlook) {
    listener.redirectAll();
    assertThat(curl("1.2", to(listener, web).named(WEB).trusting(trusted)).succeeded().output())
        .contains("origin: TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384 " + WEB + ".");
  }

  /** The packets go to a stranger, but the name in the hello is another's. */
  @ParameterizedTest
  @ValueSource(strings = {"1.0", "1.2"})
  void aForgedSniDoesNotBypassTheRoutes(String version) {
    Listener listener = LISTENERS[0];
    listener.redirectAll();
    Way way = to(listener, STRANGER).named(WEB);
    Run run = curl(version, version.equals("1.2") ? way.trusting(trusted) : way).succeeded();
    assertThat(run.output()).contains("origin: TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384 " + WEB);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.0", "1.2"})
  void refusesANameThatNoRouteAllows(String version) {
    Listener listener = LISTENERS[0];
    listener.redirectAll();
    int mark = listener.daemon().mark();
    Run run = curl(version, to(listener, WEB_4).named("evil.example"));
    assertThat(run.exit()).isNotZero();
    assertThat(run.output()).contains("access denied");
    listener
        .daemon()
        .awaitSessionLine(
            mark, "target", "evil.example:443", "action", "deny", "reason", "no_route");
  }

  @Test
  void refusesAnOriginWhoseCertificateProvesNothing() {
    Listener listener = LISTENERS[0];
    listener.redirectAll();
    int mark = listener.daemon().mark();
    Run run = openssl(to(listener, STRANGER).named("evil.example"));
    assertThat(run.exit()).isNotZero();
    assertThat(run.output()).doesNotContain("origin:");
    String line =
        listener
            .daemon()
            .awaitSessionLine(
                mark, "target", STRANGER + ":443", "reason", "origin_certificate_invalid");
    assertThat(line).contains("add such a name with the port to 'routes'");
  }

  @ParameterizedTest
  @MethodSource("listeners")
  void refusesADeviceThatWasNotRedirected(Listener listener) {
    listener.redirectAll();
    for (String address : List.of(Internet.ROUTER, Internet.ROUTER_6)) {
      int mark = listener.daemon().mark();
      InetSocketAddress direct = at(address, listener.port());
      Run run = openssl(Way.fixed(direct, Loopback.text(direct), listener.daemon().authority()));
      assertThat(run.exit()).isNotZero();
      String line =
          listener
              .daemon()
              .awaitSessionLine(mark, "listener", listener.rule(), "reason", "not_redirected");
      assertThat(line)
          .contains("check the nft rule (config/nftables/" + listener.rule() + ".nft)")
          .contains(Loopback.text(direct));
      assertThat(SessionLines.find(line, "reason", "loop")).isEmpty();
    }
  }

  private static Run sendMail(String server, String name) {
    return Run.of(
        internet
            .device()
            .command(
                List.of(
                    Peers.require("swaks"),
                    "--server",
                    server,
                    "--port",
                    "587",
                    "--tls",
                    "--tls-protocol",
                    "tlsv1",
                    "--tls-cipher",
                    "ALL:@SECLEVEL=0",
                    "--tls-verify",
                    "--tls-ca-path",
                    epoll.authority().toString(),
                    "--tls-verify-target",
                    name,
                    "--helo",
                    "scanner.corp.example",
                    "--from",
                    "scanner@corp.example",
                    "--to",
                    "scans@corp.example",
                    "--timeout",
                    "30")));
  }

  /** The device waits for a greeting, so that nobody has said a name: only the address counts. */
  @ParameterizedTest(name = "{0}, to {1}")
  @MethodSource("mailOrigins")
  void upgradesStartTls(Listener listener, String server, String name) {
    listener.redirectAll();
    Run run = sendMail(server, name).succeeded();
    assertThat(run.find(Pattern.compile("TLS started with cipher ([^:]+):"))).isEqualTo("TLSv1");
    assertThat(run.output())
        .contains("TLS peer")
        .containsPattern("CN ?= ?" + Pattern.quote(name))
        .containsPattern("250 .*queued as");
    assertThat(postfix.log()).contains("TLS connection established");
  }

  private static Stream<Arguments> mailOrigins() {
    return Stream.of(
        Arguments.of(LISTENERS[0], MAIL, "mail.contoso.example"),
        Arguments.of(LISTENERS[1], MAIL, "mail.contoso.example"),
        Arguments.of(LISTENERS[0], OUTLOOK_4, "smtp.office365.com"),
        Arguments.of(LISTENERS[1], OUTLOOK_4, "smtp.office365.com"));
  }

  @Test
  void refusesAMailServerWhoseCertificateProvesNothing() {
    Listener listener = LISTENERS[0];
    listener.redirectAll();
    int mark = listener.daemon().mark();
    Run run = sendMail(STRANGER, "mail.evil.example");
    assertThat(run.exit()).isNotZero();
    assertThat(run.output()).doesNotContain("MAIL FROM");
    assertThat(
            listener
                .daemon()
                .awaitSessionLine(
                    mark, "target", STRANGER + ":587", "reason", "origin_certificate_invalid"))
        .contains("no route bridges a name of the origin's certificate");
  }

  @Test
  void servesProgramsOnItsOwnMachineButNotItself() throws IOException {
    // The data directory is for its user alone.
    Path authority = lab.file("authority.pem", Files.readString(epoll.authority()));
    Way way = to(LISTENERS[0], WEB_4).named(WEB).trusting(authority);
    local("0");
    try {
      List<String> program = new ArrayList<>(List.of("setpriv", "--reuid", "65534"));
      program.addAll(new CurlDevice("1.0", "ALL").command(way));
      assertThat(Run.of(internet.router().command(program)).succeeded().output())
          .contains("origin: TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384 " + WEB + ".");
    } finally {
      internet.router().run(Peers.require("nft"), "delete", "table", "inet", "tls_uplift_local");
    }
  }

  /** Each of its connections would open the next. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void detectsALoopOfItsOwnConnections(boolean mail) {
    LISTENERS[0].redirectAll();
    local("4711");
    int mark = epoll.mark();
    try {
      Run run =
          mail
              ? sendMail(MAIL, "mail.contoso.example")
              : curl("1.0", to(LISTENERS[0], WEB_4).named(WEB));
      assertThat(run.exit()).isNotZero();
      assertThat(epoll.awaitSessionLine(mark, "listener", "redirect", "reason", "loop"))
          .contains("exempt the proxy's traffic");
    } finally {
      internet.router().run(Peers.require("nft"), "delete", "table", "inet", "tls_uplift_local");
    }
    assertThat(epoll.output().substring(mark).lines().filter(line -> line.contains("\"loop\"")))
        .hasSizeLessThan(3);
  }

  private static void local(String proxyUser) {
    NftRules.shipped("local")
        .with("proxy_user", proxyUser)
        .with("listener", Integer.toString(LISTENERS[0].port()))
        .load(lab, internet.router());
  }

  @ParameterizedTest
  @ValueSource(strings = {"redirect", "tproxy", "local"})
  void theShippedRulesAreRight(String name) {
    internet.router().run(Peers.require("nft"), "-c", "-f", NftRules.file(name).toString());
  }

  @Test
  void refusesTproxyWithoutTheCapabilityAndNamesTheRemedy() {
    List<String> without =
        internet
            .router()
            .command(
                List.of("setpriv", "--bounding-set", "-net_admin,-net_raw", "--inh-caps", "-all"));
    Machine machine =
        new Machine() {
          @Override
          public List<String> command(List<String> program) {
            List<String> command = new ArrayList<>(without);
            command.addAll(program);
            return command;
          }

          @Override
          public boolean accepts(InetSocketAddress address) {
            return internet.router().accepts(address);
          }
        };
    String yaml =
        """
        listeners:
          - {name: in, bind: "[::]:8448", accept: transparent, transparent: tproxy, profile: legacy}
        """;
    Child child = lab.add(Daemon.run(machine, lab.directory("daemon"), yaml));
    assertThat(child.awaitExit()).isEqualTo(1);
    assertThat(child.output())
        .contains("listener 'in' cannot listen on", "Operation not permitted")
        .contains(
            "needs the capability CAP_NET_ADMIN", "AmbientCapabilities", "--cap-add NET_ADMIN");
    String redirect = yaml.replace("tproxy", "redirect");
    Child other = lab.add(Daemon.run(machine, lab.directory("daemon"), redirect));
    other.awaitOutput(Pattern.compile("(?m)\\bready *$"));
  }
}
