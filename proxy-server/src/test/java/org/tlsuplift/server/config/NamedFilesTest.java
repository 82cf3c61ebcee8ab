package org.tlsuplift.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.server.authority.CaExport;
import org.tlsuplift.server.command.Configs;

class NamedFilesTest {
  @TempDir Path directory;

  @Test
  void findsTheFilesThatAreReadOnlyWithTheConfiguration() throws Exception {
    Path roots = directory.resolve("roots.pem");
    Files.write(roots, CaExport.encode(TestAuthority.create().certificate(), CaExport.Format.PEM));
    Path names = Files.writeString(directory.resolve("names.csv"), "10.0.0.1,scanner\n");

    ServerConfig config =
        ConfigLoader.parse(
                """
                dataDirectory: '%1$s/data'
                listeners:
                  - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
                devices: {namesFile: '%3$s'}
                upstream: {trust: '%2$s'}
                accessLog: {file: '%1$s/access.log'}
                """
                    .formatted(directory, roots, names),
                "test")
            .config();

    assertThat(NamedFiles.of(config)).containsExactlyInAnyOrder(names, roots);
  }

  @Test
  void allFilesIncludeKeysAndExcludeWrittenFiles() throws Exception {
    Configs.makeAuthority(Configs.write(directory));
    Path ca = directory.resolve("data").resolve("ca");
    Path names = Files.writeString(directory.resolve("names.csv"), "10.0.0.1,scanner\n");

    ServerConfig config =
        ConfigLoader.parse(
                """
                dataDirectory: '%1$s/data'
                listeners:
                  - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
                devices: {namesFile: '%2$s'}
                certificateAuthority: {certificate: '%3$s/ca.crt.pem', key: '%3$s/ca.key.pem'}
                accessLog: {file: '%1$s/access.log'}
                """
                    .formatted(directory, names, ca),
                "test")
            .config();

    assertThat(NamedFiles.allOf(config))
        .containsExactlyInAnyOrder(names, ca.resolve("ca.crt.pem"), ca.resolve("ca.key.pem"));
  }
}
