package org.tlsuplift.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.accept.Listener;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.negotiate.Redirection;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.proxy.testing.Origin;
import org.tlsuplift.proxy.testing.Peer;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.testing.Uplift;

@Timeout(300)
class BindTest {
  private static final TestAuthority OWN = TestAuthority.create();
  private static final TestAuthority ORIGINS = TestAuthority.create();
  private static final Origin.Script ECHO =
      socket -> socket.getInputStream().transferTo(socket.getOutputStream());

  private final Uplift.Settings settings = new Uplift.Settings();

  private static void assertUpgrades(InetSocketAddress listener, Origin origin) throws Exception {
    try (SSLSocket device =
        Device.through(listener, origin.as("localhost"), OWN.trusting(), "TLSv1")) {
      assertThat(Device.exchange(device, "scan")).isEqualTo("scan");
    }
  }

  @Test
  void listensOnAllAddressesOfAListenerAndRetiresThemTogether() throws Exception {
    settings.bind =
        List.of(new InetSocketAddress("127.0.0.1", 0), new InetSocketAddress("127.0.0.2", 0));
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), ECHO, "TLSv1.2");
        Uplift uplift = new Uplift(settings, OWN, ORIGINS)) {
      List<InetSocketAddress> web =
          uplift.proxy().listeners().stream()
              .filter(listener -> listener.spec().name().equals("web"))
              .map(Listener::address)
              .toList();
      assertThat(web)
          .extracting(InetSocketAddress::getHostString)
          .containsExactly("127.0.0.1", "127.0.0.2");
      for (InetSocketAddress address : web) {
        assertUpgrades(address, origin);
      }
      uplift.proxy().retire("web");
      for (InetSocketAddress address : web) {
        assertThatThrownBy(() -> Device.open(address)).isInstanceOf(ConnectException.class);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"EPOLL", "IO_URING", "NIO"})
  void onIpv4RefusesDevicesByIpv6(Transport transport) throws Exception {
    Peer.requireIpv6();
    assumeThat(transport.isAvailable()).isTrue();
    settings.transport = transport;
    settings.bind = List.of(new InetSocketAddress("0.0.0.0", 0));
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), ECHO, "TLSv1.2");
        Uplift uplift = new Uplift(settings, OWN, ORIGINS)) {
      int port = uplift.web().getPort();
      assertUpgrades(new InetSocketAddress("127.0.0.1", port), origin);
      InetSocketAddress byIpv6 = new InetSocketAddress("::1", port);
      assertThatThrownBy(() -> Device.open(byIpv6)).isInstanceOf(ConnectException.class);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"EPOLL", "IO_URING", "NIO"})
  void backlogIsTheMaximumOfTheSystem(Transport transport) throws Exception {
    assumeThat(transport.isAvailable()).isTrue();
    String ss = Peer.require("ss", "iproute2").toString();
    int most = Integer.parseInt(Files.readAllLines(Path.of("/proc/sys/net/core/somaxconn")).get(0));
    settings.transport = transport;
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS)) {
      Process listed =
          new ProcessBuilder(ss, "-Hltn", "sport", "=", ":" + uplift.web().getPort()).start();
      String line = new String(listed.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      String queue = line.strip().split(" +", -1)[2];
      assumeThat(queue).as("without netlink, ss knows no limit: %s", line).isNotEqualTo("0");
      assertThat(queue).isEqualTo(String.valueOf(Math.min(most, 65_535)));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Transport.class,
      names = {"EPOLL", "IO_URING"})
  void sharesAPortAndServesAllDevicesAfterTheOtherProxyStops(Transport transport) throws Exception {
    settings.transport = transport;
    settings.reusePort = true;
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), ECHO, "TLSv1.2");
        Uplift old = new Uplift(settings, OWN, ORIGINS)) {
      settings.bind = List.of(old.web());
      try (Uplift young = new Uplift(settings, OWN, ORIGINS)) {
        assertThat(young.web()).isEqualTo(old.web());
        old.proxy().retire("web");
        for (int i = 0; i < 20; i++) {
          assertUpgrades(young.web(), origin);
        }
        assertThat(old.observer.opened).hasValue(0);
        assertThat(young.observer.opened).hasValue(20);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Transport.class,
      names = {"EPOLL", "IO_URING"})
  void acceptsNoConnectionIfOnePortCannotBeBound(Transport transport) throws Exception {
    settings.transport = transport;
    settings.reusePort = true;
    AtomicInteger served = new AtomicInteger();
    AtomicInteger lost = new AtomicInteger();
    AtomicBoolean over = new AtomicBoolean();
    try (Origin origin = Origin.start(ORIGINS.serving("localhost"), ECHO, "TLSv1.2");
        ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Uplift old = new Uplift(settings, OWN, ORIGINS)) {
      settings.bind =
          List.of(
              old.web(),
              new InetSocketAddress("127.0.0.2", 0),
              new InetSocketAddress("127.0.0.3", 0),
              (InetSocketAddress) taken.getLocalSocketAddress());
      Thread devices =
          new Thread(
              () -> {
                while (!over.get()) {
                  try (Socket device = Device.open(old.web())) {
                    assertThat(Device.connect(device, origin.as("localhost"))).contains(" 200 ");
                    served.incrementAndGet();
                  } catch (IOException reset) {
                    lost.incrementAndGet();
                  }
                }
              });
      devices.start();
      for (int i = 0; i < 10; i++) {
        int before = served.get();
        assertThatThrownBy(() -> new Uplift(settings, OWN, ORIGINS))
            .hasMessageContaining("listener 'web' cannot listen on")
            .hasMessageContaining(":" + taken.getLocalPort())
            .hasMessageContaining("in use");
        await().until(() -> served.get() > before);
      }
      over.set(true);
      devices.join();
    }
    assertThat(lost).hasValue(0);
  }

  /** A device that was not redirected gets an orderly close from the process that accepts it. */
  @ParameterizedTest
  @EnumSource(
      value = Transport.class,
      names = {"EPOLL", "IO_URING"})
  void triesPortsForRedirectedDevicesToo(Transport transport) throws Exception {
    settings.transport = transport;
    settings.reusePort = true;
    settings.redirection = Redirection.tproxy();
    AtomicInteger lost = new AtomicInteger();
    AtomicBoolean over = new AtomicBoolean();
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Uplift old = startOrSkip()) {
      settings.bindRedirected = List.of(old.redirected());
      settings.bind = List.of((InetSocketAddress) taken.getLocalSocketAddress());
      Thread devices =
          new Thread(
              () -> {
                while (!over.get()) {
                  try (Socket device = Device.open(old.redirected())) {
                    assertThat(device.getInputStream().read()).isEqualTo(-1);
                  } catch (IOException reset) {
                    lost.incrementAndGet();
                  }
                }
              });
      devices.start();
      for (int i = 0; i < 3; i++) {
        int before = old.observer.opened.get();
        assertThatThrownBy(() -> new Uplift(settings, OWN, ORIGINS))
            .hasMessageContaining("listener 'web' cannot listen on")
            .hasMessageContaining("in use");
        await().until(() -> old.observer.opened.get() > before);
      }
      over.set(true);
      devices.join();
    }
    assertThat(lost).hasValue(0);
  }

  private Uplift startOrSkip() {
    try {
      return new Uplift(settings, OWN, ORIGINS);
    } catch (IllegalStateException refused) {
      assumeThat(refused).hasMessageNotContaining("CAP_NET_ADMIN");
      throw refused;
    }
  }

  @Test
  void sharesAPortOnlyIfBothProxiesReuseIt() {
    settings.reusePort = true;
    try (Uplift uplift = new Uplift(settings, OWN, ORIGINS)) {
      Uplift.Settings other = new Uplift.Settings();
      other.bind = List.of(uplift.web());
      assertThatThrownBy(() -> new Uplift(other, OWN, ORIGINS))
          .hasMessageContaining("listener 'web' cannot listen on 127.0.0.1")
          .hasMessageContaining("if both have 'reusePort: true'");
    }
  }
}
