package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tlsuplift.proxy.accept.BindFailedException;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.context.DeviceAdmission;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.negotiate.AcceptMode;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.proxy.route.UpstreamProxy;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;
import org.tlsuplift.proxy.tls.LegacyTls;
import org.tlsuplift.proxy.tls.TlsProfile;

/** The specification of a running proxy is replaced. */
@Timeout(300)
class ReloadTest {
  private static final TestAuthority OWN = TestAuthority.create();
  private static final TestAuthority ORIGINS = TestAuthority.create();
  private static final Origin.Script ECHO =
      socket -> {
        for (String line = Device.readLine(socket.getInputStream());
            !line.isEmpty();
            line = Device.readLine(socket.getInputStream())) {
          socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
        }
      };

  private final Uplift.Settings settings = new Uplift.Settings();

  private static Origin origin() {
    return Origin.start(ORIGINS.serving("localhost"), ECHO, "TLSv1.2");
  }

  private Uplift start() {
    return new Uplift(settings, OWN, ORIGINS);
  }

  /** Applies the changed settings. */
  private CompletionStage<Void> reload(Uplift uplift) throws BindFailedException {
    return uplift.proxy().apply(uplift.spec(settings, OWN, ORIGINS));
  }

  private static SSLSocket device(Uplift uplift, Origin origin) throws Exception {
    return device(uplift.web(), origin);
  }

  private static SSLSocket device(InetSocketAddress proxy, Origin origin) throws Exception {
    return Device.through(proxy, origin.as("localhost"), OWN.trusting(), "TLSv1");
  }

  private static void assertUpgrades(InetSocketAddress proxy, Origin origin) throws Exception {
    try (SSLSocket device = device(proxy, origin)) {
      assertContinues(device);
    }
  }

  /** The channels that stay open when each event loop has had a session: those of the ports. */
  private static int idleChannels(Uplift uplift, Origin origin) throws Exception {
    for (int session = 0; session < 2 * Uplift.LOOPS; session++) {
      assertUpgrades(uplift.web(), origin);
    }
    int idle = uplift.proxy().listeners().size();
    await().untilAsserted(() -> assertThat(uplift.channels()).isEqualTo(idle));
    return idle;
  }

  private static void assertContinues(SSLSocket device) throws Exception {
    assertThat(Device.exchange(device, "scan")).isEqualTo("scan");
  }

  private static void assertClosed(InetSocketAddress port) {
    assertThatThrownBy(() -> Device.open(port).close()).isInstanceOf(ConnectException.class);
  }

  private static String refusal(InetSocketAddress proxy, HostPort target) throws Exception {
    try (Socket socket = Device.open(proxy)) {
      return Device.connect(socket, target);
    }
  }

  private static ProxySpec with(ProxySpec spec, Transport transport, List<ListenerSpec> listeners) {
    return new ProxySpec(
        transport,
        spec.eventLoops(),
        listeners,
        spec.admission(),
        spec.limits(),
        spec.routes(),
        spec.upstream(),
        spec.trust(),
        spec.maximumUpstream(),
        spec.identities(),
        spec.tickets(),
        spec.rsa(),
        spec.certificates(),
        spec.ecRefusals(),
        spec.observer());
  }

  private static ListenerSpec named(String name, InetSocketAddress bind, ListenerSpec listener) {
    return new ListenerSpec(
        name,
        List.of(bind),
        listener.reusePort(),
        listener.proxyProtocol(),
        listener.accept(),
        listener.profile(),
        listener.serverNames(),
        listener.serverNameMismatch(),
        listener.whenModern(),
        listener.devices(),
        listener.mail());
  }

  @Test
  void anAddedListenerServesAndTheOthersKeepTheirPorts() throws Exception {
    try (Origin origin = origin();
        Uplift uplift = start();
        SSLSocket device = device(uplift, origin)) {
      InetSocketAddress web = uplift.web();
      settings.fixed = List.of(origin.as("localhost"));

      reload(uplift);

      try (SSLSocket added =
          Device.handshake(Device.open(uplift.fixed()), "localhost", OWN.trusting(), "TLSv1")) {
        assertContinues(added);
      }
      assertContinues(device);
      assertThat(uplift.web()).isEqualTo(web);
      assertUpgrades(web, origin);
    }
  }

  @Test
  void aRemovedListenerClosesItsPortAndItsSessionsContinue() throws Exception {
    try (Origin origin = origin()) {
      settings.fixed = List.of(origin.as("localhost"));
      try (Uplift uplift = start();
          SSLSocket device =
              Device.handshake(Device.open(uplift.fixed()), "localhost", OWN.trusting(), "TLSv1")) {
        InetSocketAddress removed = uplift.fixed();
        settings.fixed = List.of();

        reload(uplift);

        assertClosed(removed);
        assertContinues(device);
        assertUpgrades(uplift.web(), origin);
      }
    }
  }

  @Test
  void aListenerMovesToAnotherAddress() throws Exception {
    try (Origin origin = origin();
        Uplift uplift = start();
        SSLSocket device = device(uplift, origin)) {
      InetSocketAddress before = uplift.web();
      settings.bind = List.of(new InetSocketAddress("127.0.0.2", 0));

      reload(uplift);

      assertThat(uplift.web().getHostString()).isEqualTo("127.0.0.2");
      assertClosed(before);
      assertContinues(device);
      assertUpgrades(uplift.web(), origin);
    }
  }

  @Test
  void aListenerWithAnotherNameKeepsItsPort() throws Exception {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      settings.bind = List.of((InetSocketAddress) free.getLocalSocketAddress());
    }
    try (Origin origin = origin();
        Uplift uplift = start()) {
      ProxySpec spec = uplift.spec(settings, OWN, ORIGINS);

      uplift
          .proxy()
          .apply(
              with(
                  spec,
                  spec.transport(),
                  List.of(named("renamed", settings.bind.get(0), spec.listeners().get(0)))));

      assertThat(uplift.proxy().listeners())
          .singleElement()
          .satisfies(listener -> assertThat(listener.spec().name()).isEqualTo("renamed"));
      assertUpgrades(settings.bind.get(0), origin);
      await().until(() -> !uplift.observer.closed.isEmpty());
      assertThat(uplift.observer.closed.get(0).listener()).isEqualTo("renamed");
    }
  }

  @Test
  void aPortThatCannotBeBoundChangesNothing() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        Origin origin = origin();
        Uplift uplift = start()) {
      ProxySpec spec = uplift.spec(settings, OWN, ORIGINS);
      ListenerSpec web = spec.listeners().get(0);
      InetSocketAddress good = new InetSocketAddress("127.0.0.3", uplift.web().getPort());
      List<ListenerSpec> listeners =
          List.of(
              named("good", good, web),
              named("bad", (InetSocketAddress) taken.getLocalSocketAddress(), web));
      int channels = idleChannels(uplift, origin);

      assertThatThrownBy(() -> uplift.proxy().apply(with(spec, spec.transport(), listeners)))
          .isInstanceOf(BindFailedException.class)
          .hasMessageContaining("listener 'bad' cannot listen on 127.0.0.1:")
          .hasMessageContaining("in use; stop the program");

      assertThat(uplift.proxy().listeners()).hasSize(2);
      assertClosed(good);
      assertUpgrades(uplift.web(), origin);
      await().until(() -> uplift.channels() == channels);
    }
  }

  @Test
  void aPortThatOverlapsAnOwnPortIsExplained() throws Exception {
    try (Uplift uplift = start()) {
      InetSocketAddress everywhere = new InetSocketAddress("0.0.0.0", uplift.web().getPort());
      settings.bind = List.of(everywhere);

      assertThatThrownBy(() -> reload(uplift))
          .isInstanceOf(BindFailedException.class)
          .hasMessageContaining(
              "this daemon itself listens on 127.0.0.1:"
                  + uplift.web().getPort()
                  + ", and a reload binds new ports before it closes old ones");
    }
  }

  @Test
  void anOpenPortCannotChangeItsOptions() throws Exception {
    try (Uplift uplift = start()) {
      settings.reusePort = true;

      assertThatThrownBy(() -> reload(uplift))
          .isInstanceOf(BindFailedException.class)
          .hasMessageContaining("its port is open, and 'reusePort' changed; restart the daemon");
    }
  }

  @Test
  void theTransportCannotChange() {
    try (Uplift uplift = start()) {
      ProxySpec spec = uplift.spec(settings, OWN, ORIGINS);
      Transport other = spec.transport() == Transport.NIO ? Transport.EPOLL : Transport.NIO;

      assertThatThrownBy(() -> uplift.proxy().apply(with(spec, other, spec.listeners())))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("transport");
    }
  }

  @Test
  void newSessionsGetTheNewProfile() throws Exception {
    try (Origin origin = origin();
        Uplift uplift = start();
        SSLSocket device = device(uplift, origin)) {
      settings.profile = TlsProfile.MODERN;

      reload(uplift);

      assertContinues(device);
      assertThatThrownBy(() -> device(uplift, origin)).isInstanceOf(SSLException.class);
      settings.profile = LegacyTls.PROFILE;
      reload(uplift);
      assertUpgrades(uplift.web(), origin);
    }
  }

  /** The device has sent its CONNECT, but not its ClientHello. */
  @Test
  void aSessionKeepsTheProfileThatItStartedWith() throws Exception {
    try (Origin origin = origin();
        Uplift uplift = start();
        Socket socket = Device.open(uplift.web())) {
      assertThat(Device.connect(socket, origin.as("localhost"))).startsWith("HTTP/1.1 200");
      settings.profile = TlsProfile.MODERN;

      reload(uplift);

      assertContinues(Device.handshake(socket, "localhost", OWN.trusting(), "TLSv1"));
    }
  }

  @Test
  void newSessionsGetTheNewServerNames() throws Exception {
    try (Origin origin = origin()) {
      settings.fixed = List.of(origin.as("localhost"));
      try (Uplift uplift = start()) {
        assertThatThrownBy(
                () ->
                    Device.handshake(
                        Device.open(uplift.fixed()),
                        "gateway.example.test",
                        OWN.trusting(),
                        "TLSv1"))
            .isInstanceOf(SSLException.class);
        settings.serverNames = List.of("gateway.example.test");

        reload(uplift);

        try (SSLSocket device =
            Device.handshake(
                Device.open(uplift.fixed()), "gateway.example.test", OWN.trusting(), "TLSv1")) {
          assertContinues(device);
        }
      }
    }
  }

  @Test
  void newSessionsTrustTheNewRoots() throws Exception {
    TestAuthority others = TestAuthority.create();
    try (Origin origin = origin();
        Origin other = Origin.start(others.serving("localhost"), ECHO, "TLSv1.2");
        Uplift uplift = start();
        SSLSocket device = device(uplift, origin)) {
      settings.trusted = others.certificate();

      reload(uplift);

      assertContinues(device);
      assertUpgrades(uplift.web(), other);
      assertThatThrownBy(() -> assertUpgrades(uplift.web(), origin)).isInstanceOf(Throwable.class);
      await()
          .until(
              () ->
                  uplift.observer.closed.stream()
                      .anyMatch(
                          session -> session.reason() == CloseReason.ORIGIN_CERTIFICATE_INVALID));
    }
  }

  @Test
  void newSessionsLeaveThroughTheNewUpstreamProxy() throws Exception {
    try (Origin origin = origin();
        Uplift via = new Uplift(new Uplift.Settings(), OWN, ORIGINS);
        Uplift uplift = start();
        SSLSocket device = device(uplift, origin)) {
      settings.egress =
          new Egress(
              new UpstreamProxy(
                  UpstreamProxy.Protocol.HTTP,
                  new HostPort("127.0.0.1", via.web().getPort()),
                  null),
              false);

      reload(uplift);

      assertUpgrades(uplift.web(), origin);
      assertThat(via.observer.opened).hasValue(1);
      assertContinues(device);
      assertThat(via.observer.opened).hasValue(1);
    }
  }

  @Test
  void newAndOpenSessionsAreOnlyThoseOfTheNewDevices() throws Exception {
    settings.allow = List.of(Cidr.parse("127.0.0.1/32"), Cidr.parse("127.0.0.9/32"));
    try (Origin origin = origin();
        Uplift uplift = start();
        SSLSocket device = device(uplift, origin)) {
      settings.allow = List.of(Cidr.parse("127.0.0.1/32"));
      reload(uplift);
      assertContinues(device);

      settings.devices = new DeviceAdmission(List.of(Cidr.parse("127.0.0.9/32")));
      reload(uplift);

      assertEnds(device, uplift, 0, "this listener's 'devices'");
      assertThatThrownBy(() -> assertUpgrades(uplift.web(), origin)).isInstanceOf(Exception.class);
      await().until(() -> uplift.observer.closed.size() == 2);
      assertThat(uplift.observer.closed.get(1).reason()).isEqualTo(CloseReason.DEVICE_NOT_ADMITTED);
      settings.devices = null;
      reload(uplift);
      try (SSLSocket again = device(uplift, origin)) {
        settings.allow = List.of(Cidr.parse("127.0.0.9/32"));
        reload(uplift);
        assertEnds(again, uplift, 2, "devices.allow");
      }
      assertThatThrownBy(() -> assertUpgrades(uplift.web(), origin)).isInstanceOf(Exception.class);
    }
  }

  private static void assertEnds(SSLSocket device, Uplift uplift, int session, String why)
      throws Exception {
    assertThatThrownBy(() -> device.getInputStream().read()).isInstanceOf(SSLException.class);
    await().until(() -> uplift.observer.closed.size() == session + 1);
    SessionSummary ended = uplift.observer.closed.get(session);
    assertThat(ended.reason()).isEqualTo(CloseReason.ACCESS_REVOKED);
    assertThat(ended.detail()).contains(why);
  }

  @Test
  void openSessionsCountUnderTheNewLimits() throws Exception {
    Duration second = Duration.ofSeconds(5);
    settings.limits = Uplift.limits(1, 1, second, second, second);
    try (Origin origin = origin();
        Uplift uplift = start();
        SSLSocket device = device(uplift, origin)) {
      settings.limits = Uplift.limits(2, 2, second, second, second);

      reload(uplift);

      try (SSLSocket second2 = device(uplift, origin)) {
        assertContinues(second2);
        assertThatThrownBy(() -> device(uplift, origin)).isInstanceOf(Exception.class);
        await().until(() -> !uplift.observer.closed.isEmpty());
        assertThat(uplift.observer.closed.get(0).reason()).isEqualTo(CloseReason.SESSION_LIMIT);
        settings.limits = Uplift.limits(1, 1, second, second, second);
        reload(uplift);
        assertContinues(device);
        assertContinues(second2);
      }
    }
  }

  @Test
  void countsTheSessionsOfEarlierSpecifications() throws Exception {
    try (Origin origin = origin();
        Uplift uplift = start();
        SSLSocket device = device(uplift, origin)) {
      assertThat(uplift.proxy().earlierSessions()).isZero();

      reload(uplift);

      assertThat(uplift.proxy().earlierSessions()).isOne();
      try (SSLSocket later = device(uplift, origin)) {
        assertContinues(later);
        assertThat(uplift.proxy().sessions()).isEqualTo(2);
        assertThat(uplift.proxy().earlierSessions()).isOne();
      }
      device.close();
      await().until(() -> uplift.proxy().earlierSessions() == 0);
    }
  }

  /** The two CAs have the same name. */
  @Test
  void newSessionsGetLeavesOfTheRotatedCaWithoutResumption() throws Exception {
    TestAuthority next = TestAuthority.create();
    SSLContext both = trusting(OWN.certificate(), next.certificate());
    try (Origin origin = origin();
        Uplift uplift = start()) {
      leaf(uplift, origin, both).verify(OWN.certificate().getPublicKey());

      var unused = uplift.proxy().apply(uplift.spec(settings, next, ORIGINS));

      leaf(uplift, origin, both).verify(next.certificate().getPublicKey());
    }
  }

  private static X509Certificate leaf(Uplift uplift, Origin origin, SSLContext context)
      throws Exception {
    try (SSLSocket device =
        Device.through(uplift.web(), origin.as("localhost"), context, "TLSv1.1")) {
      assertContinues(device);
      return (X509Certificate) device.getSession().getPeerCertificates()[0];
    }
  }

  private static SSLContext trusting(X509Certificate... roots) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    for (int i = 0; i < roots.length; i++) {
      store.setCertificateEntry("ca-" + i, roots[i]);
    }
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  @Test
  void sessionsAreResumedAcrossAReloadThatChangesNeitherCertificateNorTrust() throws Exception {
    SSLContext context = OWN.trusting();
    try (Origin origin = origin();
        Uplift uplift = start()) {
      byte[] first = sessionId(uplift, origin, context);
      settings.resolveTimeout = Duration.ofSeconds(4);

      reload(uplift);

      assertThat(sessionId(uplift, origin, context)).isEqualTo(first);
    }
  }

  private static byte[] sessionId(Uplift uplift, Origin origin, SSLContext context)
      throws Exception {
    try (SSLSocket device =
        Device.through(uplift.web(), origin.as("localhost"), context, "TLSv1")) {
      assertContinues(device);
      return device.getSession().getId();
    }
  }

  @Test
  void anAddedPortIsNoTargetAndARemovedOneMayBe() throws Exception {
    try (Origin origin = origin()) {
      settings.fixed = List.of(origin.as("localhost"));
      try (Uplift uplift = start()) {
        HostPort own = new HostPort("127.0.0.1", uplift.fixed().getPort());
        assertThat(refusal(uplift.web(), own)).startsWith("HTTP/1.1 403");
        settings.fixed = List.of();
        settings.bind =
            List.of(new InetSocketAddress("127.0.0.1", 0), new InetSocketAddress("127.0.0.2", 0));

        reload(uplift);

        assertThat(refusal(uplift.web(), own)).startsWith("HTTP/1.1 200");
        InetSocketAddress added = uplift.fixed();
        assertThat(added.getHostString()).isEqualTo("127.0.0.2");
        assertThat(refusal(uplift.web(), new HostPort("127.0.0.2", added.getPort())))
            .startsWith("HTTP/1.1 403");
      }
    }
  }

  @Test
  void previousSpecificationEndsWithItsLastSession() throws Exception {
    try (Origin origin = origin();
        Uplift uplift = start()) {
      AtomicBoolean ended = new AtomicBoolean();
      try (SSLSocket device = device(uplift, origin)) {
        settings.resolveTimeout = Duration.ofSeconds(4);

        var unused = reload(uplift).thenRun(() -> ended.set(true));

        assertUpgrades(uplift.web(), origin);
        assertContinues(device);
        assertThat(ended).isFalse();
      }
      await().untilTrue(ended);
    }
  }

  @Test
  void aSpecificationWhoseRoutesWereReplacedEndsWithTheLastSessionOfAllItsRoutes()
      throws Exception {
    try (Origin origin = origin();
        Uplift uplift = start()) {
      AtomicBoolean ended = new AtomicBoolean();
      try (SSLSocket first = device(uplift, origin)) {
        uplift.proxy().replaceRoutes(new RouteTable(settings.routes));
        assertUpgrades(uplift.web(), origin);

        var unused = reload(uplift).thenRun(() -> ended.set(true));

        assertContinues(first);
        assertThat(ended).isFalse();
      }
      await().untilTrue(ended);
    }
  }

  @Test
  void closesTheResourcesOfAnOldSpecificationWithItsLastSession() throws Exception {
    try (Origin origin = origin();
        Uplift uplift = start()) {
      int before = idleChannels(uplift, origin);
      List<SSLSocket> devices = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        settings.resolveTimeout = Duration.ofMillis(4000 + i);
        reload(uplift);
        devices.add(device(uplift, origin));
      }
      for (SSLSocket device : devices) {
        assertContinues(device);
        device.close();
      }
      reload(uplift);
      await().until(() -> uplift.proxy().sessions() == 0);
      await().until(() -> uplift.channels() <= before);
      assertUpgrades(uplift.web(), origin);
    }
  }

  @Test
  void aStoppedProxyIsNotReloaded() throws Exception {
    try (Uplift uplift = start()) {
      uplift.proxy().drain(Duration.ZERO);

      assertThatThrownBy(() -> reload(uplift)).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void aFixedListenerLeadsToItsNewOrigin() throws Exception {
    try (Origin one = origin();
        Origin other = origin()) {
      settings.fixed = List.of(one.as("localhost"));
      try (Uplift uplift = start()) {
        settings.fixed = List.of(other.as("localhost"));

        reload(uplift);

        try (SSLSocket device =
            Device.handshake(Device.open(uplift.fixed()), "localhost", OWN.trusting(), "TLSv1")) {
          assertContinues(device);
        }
        assertThat(one.accepted()).isZero();
        assertThat(other.accepted()).isOne();
        assertThat(uplift.proxy().listeners().get(1).spec().accept())
            .isEqualTo(new AcceptMode.Fixed(other.as("localhost")));
      }
    }
  }
}
