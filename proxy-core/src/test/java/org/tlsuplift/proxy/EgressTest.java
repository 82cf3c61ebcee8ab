package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.context.ProxyProtocolSpec;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.mail.MailService.DeviceTls;
import org.tlsuplift.proxy.mail.MailService.OriginTls;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.negotiate.SocksUsers;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.route.Destination;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.EndpointList;
import org.tlsuplift.proxy.route.Route;
import org.tlsuplift.proxy.route.UpstreamProxy;
import org.tlsuplift.proxy.route.WhenModern;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.MailOriginServer;
import org.tlsuplift.proxy.testing.MailTalk;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;
import org.tlsuplift.proxy.upstream.dial.SourceAddresses;

/**
 * Sessions leave through a proxy (a second instance), with a PROXY header, or from a set address.
 */
@Timeout(300)
class EgressTest {
  private static final TestAuthority OWN = TestAuthority.create();
  private static final TestAuthority ORIGINS = TestAuthority.create();
  private static final Origin.Script TELL =
      socket -> {
        String line = Device.readLine(socket.getInputStream());
        String told = line + " over " + socket.getSession().getProtocol() + "\n";
        socket.getOutputStream().write(told.getBytes(StandardCharsets.US_ASCII));
      };

  private final Uplift.Settings near = new Uplift.Settings();
  private final Uplift.Settings far = new Uplift.Settings();

  private static UpstreamProxy via(
      InetSocketAddress address, UpstreamProxy.@Nullable Credentials credentials) {
    return new UpstreamProxy(
        credentials == null ? UpstreamProxy.Protocol.HTTP : UpstreamProxy.Protocol.SOCKS5,
        new HostPort(address.getAddress().getHostAddress(), address.getPort()),
        credentials);
  }

  private static SSLSocket device(Uplift uplift, HostPort origin, String version)
      throws IOException {
    return Device.through(
        uplift.web(),
        origin,
        version.equals("TLSv1") ? OWN.trusting() : ORIGINS.trusting(),
        version);
  }

  private static SessionSummary summary(Uplift uplift) {
    await().until(() -> !uplift.observer.closed.isEmpty());
    return uplift.observer.closed.get(0);
  }

  @ParameterizedTest
  @CsvSource({
    "TLSv1, false, BRIDGE",
    "TLSv1.2, false, TUNNEL",
    "TLSv1, true, BRIDGE",
    "TLSv1.2, true, TUNNEL"
  })
  void connectsThroughAnUpstreamProxy(String version, boolean socks, Action action)
      throws Exception {
    far.users = new SocksUsers(Map.of("scanner", "Geheimnis"));
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), TELL, "TLSv1.2");
        Uplift proxy = new Uplift(far, OWN, ORIGINS)) {
      near.egress =
          new Egress(
              socks
                  ? via(proxy.socks(), new UpstreamProxy.Credentials("scanner", "Geheimnis"))
                  : via(proxy.web(), null),
              false);
      try (Uplift uplift = new Uplift(near, OWN, ORIGINS);
          SSLSocket device = device(uplift, origin.as("localhost"), version)) {
        assertThat(Device.exchange(device, "scan")).isEqualTo("scan over TLSv1.2");
        device.close();
        assertThat(summary(uplift).action()).isEqualTo(action);
        assertThat(summary(proxy).listener()).isEqualTo(socks ? "socks" : "web");
        assertThat(summary(proxy).target()).isEqualTo(origin.as("localhost"));
      }
    }
  }

  @Test
  void aRouteConnectsDirectlyIfConfigured() throws Exception {
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), TELL, "TLSv1.2");
        Uplift proxy = new Uplift(far, OWN, ORIGINS)) {
      near.egress = new Egress(via(proxy.web(), null), false);
      near.routes =
          List.of(
              new Route(
                  new EndpointList("test", List.of(Destination.parse("localhost:*"))),
                  Action.BRIDGE,
                  WhenModern.TUNNEL,
                  null,
                  Egress.DIRECT));
      try (Uplift uplift = new Uplift(near, OWN, ORIGINS);
          SSLSocket device = device(uplift, origin.as("localhost"), "TLSv1")) {
        assertThat(Device.exchange(device, "scan")).isEqualTo("scan over TLSv1.2");
        assertThat(proxy.observer.opened).hasValue(0);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"false, TLSv1", "false, TLSv1.2", "true, TLSv1", "true, TLSv1.2"})
  void sendsAProxyHeaderWithTheAddressOfTheDevice(boolean through, String version)
      throws Exception {
    far.proxyProtocol = new ProxyProtocolSpec(List.of(Cidr.parse("127.0.0.1")));
    far.allow = List.of(Cidr.parse("127.0.0.7"));
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), TELL, "TLSv1.2")) {
      far.fixed = List.of(origin.as("localhost"));
      try (Uplift proxy = new Uplift(far, OWN, ORIGINS)) {
        near.egress = new Egress(through ? via(proxy.web(), null) : null, true);
        HostPort target =
            through ? origin.as("localhost") : new HostPort("localhost", proxy.fixed().getPort());
        try (Uplift uplift = new Uplift(near, OWN, ORIGINS);
            Socket socket = new Socket()) {
          socket.bind(new InetSocketAddress("127.0.0.7", 0));
          socket.connect(uplift.web());
          assertThat(Device.connect(socket, target)).startsWith("HTTP/1.1 200");
          var trusted = version.equals("TLSv1") ? OWN.trusting() : ORIGINS.trusting();
          SSLSocket device = Device.handshake(socket, "localhost", trusted, version);
          assertThat(Device.exchange(device, "scan")).isEqualTo("scan over TLSv1.2");
          device.close();
          assertThat(summary(proxy).device())
              .isEqualTo(new InetSocketAddress("127.0.0.7", summary(uplift).device().getPort()));
        }
      }
    }
  }

  @Test
  void mailPassesAProxyThatSendsItsResponseAndTheGreetingTogether() throws Exception {
    List<String> asked = new CopyOnWriteArrayList<>();
    try (MailOriginServer proxy =
        new MailOriginServer(
            talk -> {
              asked.add(talk.hear());
              while (!talk.hear().isEmpty()) {}
              talk.send("HTTP/1.1 200 OK\r\n\r\n220 smtp.example.test ESMTP\r\n");
              assertThat(talk.hear()).startsWith("EHLO");
              talk.say("250-smtp.example.test").say("250 STARTTLS");
              assertThat(talk.hear()).isEqualTo("STARTTLS");
              talk.say("220 go");
              talk.acceptTls(ORIGINS.serving("smtp.example.test"), "TLSv1.2");
              talk.say("250 " + talk.hear() + " over " + talk.version());
            })) {
      near.fixed = List.of(new HostPort("smtp.example.test", 587));
      near.mail = new MailService(MailProtocol.SMTP, DeviceTls.STARTTLS, OriginTls.STARTTLS, false);
      near.egress =
          new Egress(
              new UpstreamProxy(UpstreamProxy.Protocol.HTTP, proxy.as("localhost"), null), false);
      try (Uplift uplift = new Uplift(near, OWN, ORIGINS);
          MailTalk device = MailTalk.to(uplift.fixed())) {
        assertThat(device.hear()).startsWith("220 ");
        device.askUntil("EHLO printer", "250 ");
        assertThat(device.ask("STARTTLS")).startsWith("220 ");
        device.startTls("smtp.example.test", OWN.trusting(), "TLSv1");
        assertThat(device.ask("EHLO again")).isEqualTo("250 EHLO again over TLSv1.2");
        assertThat(proxy.failures).isEmpty();
        assertThat(asked).containsExactly("CONNECT smtp.example.test:587 HTTP/1.1");
      }
    }
  }

  @Test
  void mailDeviceGetsTheRefusalOfTheUpstreamProxy() throws Exception {
    try (MailOriginServer proxy =
        new MailOriginServer(
            talk -> {
              while (!talk.hear().isEmpty()) {}
              talk.send("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
            })) {
      near.fixed = List.of(new HostPort("smtp.example.test", 587));
      near.mail = new MailService(MailProtocol.SMTP, DeviceTls.STARTTLS, OriginTls.STARTTLS, false);
      near.egress =
          new Egress(
              new UpstreamProxy(UpstreamProxy.Protocol.HTTP, proxy.as("localhost"), null), false);
      try (Uplift uplift = new Uplift(near, OWN, ORIGINS);
          MailTalk device = MailTalk.to(uplift.fixed())) {
        String heard = device.hear() + "\n" + device.ask("EHLO printer");
        assertThat(heard)
            .contains(
                "421 ", "responded 403 to CONNECT; allow smtp.example.test:587 on that proxy");
        assertThat(summary(uplift).reason()).isEqualTo(CloseReason.VIA_REFUSED);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1", "localhost"})
  void refusesItselfAsUpstreamProxy(String host) throws Exception {
    near.egress = Egress.DIRECT;
    try (Uplift taken = new Uplift(near, OWN, ORIGINS)) {
      near.bind = List.of(taken.web());
      near.egress =
          new Egress(
              new UpstreamProxy(
                  UpstreamProxy.Protocol.HTTP, new HostPort(host, taken.web().getPort()), null),
              false);
    }
    try (Uplift uplift = new Uplift(near, OWN, ORIGINS)) {
      assertThatThrownBy(() -> device(uplift, new HostPort("elsewhere.example", 443), "TLSv1"))
          .isInstanceOf(IOException.class);
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.LOOP);
      assertThat(summary(uplift).detail()).contains("'via' " + host + ":");
    }
  }

  @Test
  void refusesItselfAsTargetOfAnUpstreamProxy() throws Exception {
    near.fixed = List.of(new HostPort("127.0.0.1", 1));
    try (Uplift proxy = new Uplift(far, OWN, ORIGINS)) {
      near.egress = new Egress(via(proxy.web(), null), false);
      near.bind = List.of(new InetSocketAddress("127.0.0.3", 0));
      try (Uplift uplift = new Uplift(near, OWN, ORIGINS)) {
        uplift.proxy().alsoListeningOn(new InetSocketAddress("127.0.0.1", 1));
        assertThatThrownBy(
                () ->
                    Device.handshake(
                        Device.open(uplift.fixed()), "127.0.0.1", OWN.trusting(), "TLSv1"))
            .isInstanceOf(IOException.class);
        assertThat(summary(uplift).reason()).isEqualTo(CloseReason.LOOP);
        assertThat(proxy.observer.opened).hasValue(0);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Transport.class,
      names = {"EPOLL", "IO_URING", "NIO"})
  void connectsFromItsSourceAddress(Transport transport) throws Exception {
    near.transport = transport;
    near.sources = new SourceAddresses(ipv4("127.0.0.9"), null);
    List<InetAddress> seen = new CopyOnWriteArrayList<>();
    try (Origin origin =
            Origin.start(
                ORIGINS.serving("localhost"),
                socket -> seen.add(socket.getInetAddress()),
                "TLSv1.2");
        Uplift uplift = new Uplift(near, OWN, ORIGINS);
        SSLSocket device = device(uplift, origin.as("localhost"), "TLSv1")) {
      await().untilAsserted(() -> assertThat(seen).containsExactly(ipv4("127.0.0.9")));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.9, '::1', 'no address has the IP version of upstream.sourceAddress (127.0.0.9)'",
    "'::1', 127.0.0.1, 'no address has the IP version of upstream.sourceAddress (0:0:0:0:0:0:0:1)'",
    "192.0.2.1, 127.0.0.1, 'from 192.0.2.1'",
  })
  void failsIfItsSourceAddressCannotBeUsed(String source, String origin, String detail)
      throws Exception {
    InetAddress from = InetAddress.getByName(source);
    near.sources =
        from instanceof Inet4Address ipv4
            ? new SourceAddresses(ipv4, null)
            : new SourceAddresses(null, (Inet6Address) from);
    try (Uplift uplift = new Uplift(near, OWN, ORIGINS)) {
      assertThatThrownBy(() -> device(uplift, new HostPort(origin, 9), "TLSv1"))
          .isInstanceOf(IOException.class);
      assertThat(summary(uplift).reason()).isEqualTo(CloseReason.ORIGIN_UNREACHABLE);
      assertThat(summary(uplift).detail()).contains(detail);
    }
  }

  private static Inet4Address ipv4(String literal) throws IOException {
    return (Inet4Address) InetAddress.getByName(literal);
  }
}
