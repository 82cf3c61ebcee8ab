package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.testing.Device;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.LoadedConfig;

/** What a device in an allowed network cannot do with the shipped configuration. */
class DefaultFenceTest {
  @TempDir Path directory;

  /** The shipped configuration, on free ports and in a directory of this test. */
  private LoadedConfig shipped() throws Exception {
    String yaml =
        ConfigLoader.defaultText()
            .replace("dataDirectory: ./data", "dataDirectory: '" + directory + "/data'")
            .replaceAll("(?m)^( +bind: )0\\.0\\.0\\.0:[0-9]+$", "$1127.0.0.1:0")
            .replaceAll("(?m)^( +bind: 127\\.0\\.0\\.1:)9464$", "$10")
            .replaceAll("(?m)^( +refresh: )1h$", "$1never")
            .replaceAll("(?m)^( +reverseDns: )true$", "$1false")
            .replaceAll("(?m)^( +drainTimeout: )30s$", "$10s");
    assertThat(yaml).doesNotContain("bind: 0.0.0.0").contains("refresh: never", "drainTimeout: 0s");
    return ConfigLoader.parse(yaml, "test");
  }

  /**
   * A laptop in a private network could otherwise send as anyone of the company to any tenant, from
   * the company's address: an MX host asks for no sign-in.
   */
  @Test
  void webListenerLeadsToNoMxHost() throws Exception {
    try (Components components = Components.start(shipped(), line -> {})) {
      assertThat(components.listeners().get(0).spec().name()).isEqualTo("web");
      for (String host :
          List.of(
              "contoso-com.mail.protection.outlook.com",
              "contoso-com.h-v1.mx.microsoft",
              "52.101.0.1",
              "smtp.office365.com",
              "outlook.office365.com")) {
        try (Socket device = Device.open(components.listeners().get(0).address())) {
          assertThat(Device.connect(device, new HostPort(host, 25))).as(host).contains(" 403 ");
        }
      }
    }
  }
}
