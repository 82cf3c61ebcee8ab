package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.server.authority.CertificateAuthorities;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.daemon.watch.IdentityWatch;
import org.tlsuplift.server.mapping.ConfigMapper;

class EndingsTest {
  @TempDir Path directory;

  @Test
  void remediesNameTheConfigurationOfTheDaemon() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("tls-uplift.yaml"),
            """
            dataDirectory: %s
            listeners: [{name: web, bind: '127.0.0.1:0', accept: http-connect, profile: legacy}]
            """
                .formatted(directory.resolve("data")));
    LoadedConfig loaded = ConfigLoader.load(file);
    assertThat(
            Endings.of(
                loaded,
                CertificateAuthorities.open(loaded.config(), line -> {}),
                IdentityWatch.open(loaded),
                EndpointListSource.watch(loaded.config(), ConfigMapper.map(loaded), table -> {})))
        .isNotEmpty()
        .allSatisfy(each -> assertThat(each.item().remedy()).contains("--config " + file));
  }
}
