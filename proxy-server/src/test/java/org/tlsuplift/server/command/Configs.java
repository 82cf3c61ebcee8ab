package org.tlsuplift.server.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Configurations for commands under test. */
final class Configs {
  private Configs() {}

  /** One listener on a free port, a route to localhost, and whatever is added. */
  static String write(Path directory, String... more) throws IOException {
    Path file = directory.resolve("test.yaml");
    Files.writeString(
        file,
        """
        dataDirectory: '%s'
        listeners:
          - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
        routes:
          - {to: ["localhost:*"], action: bridge}
        certificateAuthority: {keyAlgorithm: EC-P256}
        """
                .formatted(directory.resolve("data"))
            + String.join("\n", more)
            + "\n");
    return file.toString();
  }
}
