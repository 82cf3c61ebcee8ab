package org.tlsuplift.server.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.unix.Socket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.daemon.Components;
import org.tlsuplift.server.process.PassedSocket;
import org.tlsuplift.server.process.Systemd;

/** Sockets as systemd passes them, opened by the test. */
@EnabledOnOs(OS.LINUX)
@ParameterizedClass
@EnumSource(names = {"EPOLL", "IO_URING"})
class PassedListenersTest {
  @TempDir Path directory;
  private final Transport transport;
  private final List<Socket> opened = new ArrayList<>();

  PassedListenersTest(Transport transport) {
    this.transport = transport;
  }

  @BeforeAll
  static void loadNetty() {
    Epoll.ensureAvailability();
  }

  @BeforeEach
  void needsTheTransport() {
    assumeTrue(transport.isAvailable());
  }

  @AfterEach
  void close() throws Exception {
    for (Socket each : opened) {
      each.close();
    }
  }

  @Test
  void belongToTheListenerOfTheirNameAndAddress() throws Exception {
    Socket web = listening();
    Socket other = listening();
    Map<InetSocketAddress, ServerSocketChannel> channels =
        match(config(web, other), passed(web, "web"), passed(other, "other"));
    assertThat(channels.keySet()).containsExactlyInAnyOrder(address(web), address(other));
    assertThat(channels.get(address(web)).isActive()).isTrue();
  }

  @Test
  void belongByTheirAddressIfTheUnitNamesThemNot() throws Exception {
    Socket web = listening();
    assertThat(match(config(web, listening()), passed(web, "tls-uplift.socket")))
        .containsOnlyKeys(address(web));
  }

  @Test
  void areRefusedIfNoListenerHasThem() throws Exception {
    Socket web = listening();
    Socket stray = listening();
    LoadedConfig config = config(web, listening());
    refused(config, passed(stray, "stray"), "FileDescriptorName=", "web, other");
    refused(config, passed(stray, "web"), "ListenStream=127.0.0.1:" + address(web).getPort());
    refused(config, passed(web, "other"), "expected FileDescriptorName=other with ListenStream=");
    refused(
        config, passed(stray, "a.socket"), "FileDescriptorName=web", "FileDescriptorName=other");
  }

  @Test
  void areRefusedIfTheyDoNotListen() throws Exception {
    Socket web = listening();
    Socket idle = bound();
    refused(config(web, listening()), passed(idle, "web"), "is not a listening TCP socket");
    refused(
        config(web, listening()),
        new PassedSocket(9999, "web"),
        "'web' of systemd (descriptor 9999)");
  }

  @Test
  void areRefusedIfTheyBlock() throws Exception {
    refused(config(listening(), listening()), new PassedSocket(0, "web"), "add NonBlocking=yes");
  }

  @Test
  void areRefusedOnOtherTransports() throws Exception {
    Socket web = listening();
    refused(
        config(web, listening(), "transport: nio"),
        passed(web, "web"),
        "got 'nio'",
        "expected epoll");
  }

  @Test
  void areRefusedForAntiqueListenersWhichMustCloseTheirPorts() throws Exception {
    Socket web = listening();
    Socket fax = listening();
    LoadedConfig config =
        config(
            web,
            listening(),
            """
              - {name: fax, bind: "127.0.0.1:%d", accept: http-connect, profile: antique,
                 devices: [127.0.0.1/32], until: 2199-12-31}
            transport: %s
            """
                .formatted(address(fax).getPort(), transport.label()));
    refused(config, passed(fax, "fax"), "antique listener fax", "remove this ListenStream=");
  }

  @Test
  void serveDevices() throws Exception {
    Socket web = listening();
    Socket other = listening();
    LoadedConfig config = config(web, other);
    Systemd systemd =
        new Systemd(List.of(passed(web, "web"), passed(other, "other")), Systemd.none().notifier());
    // The daemon closes them.
    opened.clear();
    try (Components components = Components.start(config, systemd, line -> {}, opened -> {});
        java.net.Socket device = Device.open(components.listeners().get(0).address())) {
      assertThat(components.listeners()).allMatch(listener -> listener.inherited());
      assertThat(Device.connect(device, new HostPort("unknown.example", 443))).contains(" 403 ");
    }
  }

  private void refused(LoadedConfig config, PassedSocket socket, String... texts) {
    assertThatExceptionOfType(OperatorException.class)
        .isThrownBy(() -> match(config, socket))
        .satisfies(refusal -> assertThat(refusal.getMessage()).contains(texts));
  }

  private static Map<InetSocketAddress, ServerSocketChannel> match(
      LoadedConfig config, PassedSocket... sockets) throws Exception {
    return PassedListeners.of(List.of(sockets), config, ConfigMapper.map(config));
  }

  private LoadedConfig config(Socket web, Socket other) throws Exception {
    return config(web, other, "transport: " + transport.label());
  }

  private LoadedConfig config(Socket web, Socket other, String more) throws Exception {
    return ConfigLoader.parse(
        """
        dataDirectory: '%s/data'
        certificateAuthority: {keyAlgorithm: EC-P256}
        admin: {bind: "127.0.0.1:0"}
        limits: {drainTimeout: 0s}
        listeners:
          - {name: web, bind: "127.0.0.1:%d", accept: http-connect, profile: legacy}
          - {name: other, bind: "127.0.0.1:%d", accept: http-connect, profile: legacy}
        """
                .formatted(directory, address(web).getPort(), address(other).getPort())
            + more,
        "test");
  }

  private static PassedSocket passed(Socket socket, String name) {
    return new PassedSocket(socket.intValue(), name);
  }

  private static InetSocketAddress address(Socket socket) {
    InetSocketAddress address = socket.localAddress();
    return new InetSocketAddress(address.getAddress(), address.getPort());
  }

  private Socket listening() throws Exception {
    Socket socket = bound();
    socket.listen(16);
    return socket;
  }

  private Socket bound() throws Exception {
    Socket socket =
        io.netty.channel.epoll.LinuxSocket.newSocketStream(
            io.netty.channel.socket.SocketProtocolFamily.INET);
    opened.add(socket);
    socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
    return socket;
  }
}
