package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.accept.BindFailedException;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.process.Version;

/** The daemon's parts together. */
class ComponentsTest {
  @TempDir Path directory;

  private LoadedConfig config(int webPort, int adminPort) throws Exception {
    return ConfigLoader.parse(
        """
        dataDirectory: '%s/deep/data'
        listeners:
          - {name: first, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
          - {name: web, bind: "127.0.0.1:%d", accept: http-connect, profile: legacy}
          - {name: mail, bind: "127.0.0.1:0", accept: fixed, origin: "localhost:587",
             protocol: smtp, profile: legacy}
        routes:
          - {to: ["127.0.0.0/8:1024-65535", "localhost:587,1024-65535"], action: bridge}
        certificateAuthority: {keyAlgorithm: EC-P256}
        admin: {bind: "127.0.0.1:%d"}
        limits: {drainTimeout: 0s}
        """
            .formatted(directory, webPort, adminPort),
        "test");
  }

  @Test
  void isReadyUntilItDrains() throws Exception {
    try (Components components = Components.start(config(0, 0), line -> {})) {
      AdminPage ready = AdminPage.read(components.adminAddress(), "/readyz");
      assertThat(ready.status()).isEqualTo(200);

      components.drain();

      AdminPage draining = AdminPage.read(components.adminAddress(), "/readyz");
      assertThat(draining.status()).isEqualTo(503);
      assertThat(draining.body()).contains("draining");
    }
  }

  @Test
  void hasMetersOfEveryPart() throws Exception {
    try (Components components = Components.start(config(0, 0), line -> {})) {
      String metrics = AdminPage.read(components.adminAddress(), "/metrics").body();
      assertThat(metrics)
          .contains("version=\"" + Version.current().number() + "\"} 1")
          .contains("tlsuplift_sessions_active{listener=\"first\"} 0")
          .contains("tlsuplift_plaintext_sessions_total{listener=\"mail\",protocol=\"smtp\"} 0")
          .contains("tlsuplift_ca_certificate_expiry_seconds")
          .contains("tlsuplift_leaf_certificates_minted_total 0")
          .contains("netty_allocator_")
          .contains("netty_eventexecutor_");
    }
  }

  @Test
  void refusesToConnectToItsOwnAdminPort() throws Exception {
    try (Components components = Components.start(config(0, 0), line -> {});
        Socket device = Device.open(components.listeners().get(0).address())) {
      HostPort admin = new HostPort("127.0.0.1", components.adminAddress().getPort());
      assertThat(Device.connect(device, admin)).contains(" 403 ");
    }
  }

  @Test
  void makesTheDataDirectoryForItsUserAlone() throws Exception {
    Components.start(config(0, 0), line -> {}).close();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data())))
        .isEqualTo("rwx------");
  }

  @Test
  void announcesANewCaOnce() throws Exception {
    java.util.List<String> progress = new java.util.ArrayList<>();
    Components.start(config(0, 0), progress::add).close();
    assertThat(progress).first().asString().startsWith("creating a local certificate authority");
    progress.clear();
    Components.start(config(0, 0), progress::add).close();
    assertThat(progress).noneMatch(line -> line.contains("authority"));
  }

  @Test
  void freesItsPortsIfOnePortIsInUse() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      InetSocketAddress admin = (InetSocketAddress) free.getLocalSocketAddress();
      free.close();

      assertThatExceptionOfType(BindFailedException.class)
          .isThrownBy(
              () -> Components.start(config(taken.getLocalPort(), admin.getPort()), line -> {}))
          .withMessageContaining("listener 'web'")
          .withMessageContaining("in use");

      new ServerSocket(admin.getPort(), 1, admin.getAddress()).close();
    }
  }

  @Test
  void namesTheAdminPortInUse() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatExceptionOfType(OperatorException.class)
          .isThrownBy(() -> Components.start(config(0, taken.getLocalPort()), line -> {}))
          .withMessageContaining("admin.bind");
    }
  }

  @Test
  void namesADataDirectoryThatCannotBeCreated() throws Exception {
    Files.createFile(directory.resolve("deep"));
    assertThatExceptionOfType(OperatorException.class)
        .isThrownBy(() -> Components.start(config(0, 0), line -> {}))
        .withMessageContaining(directory.resolve("deep") + " is a file; set another path");
  }

  private Path data() {
    return directory.resolve("deep").resolve("data");
  }
}
