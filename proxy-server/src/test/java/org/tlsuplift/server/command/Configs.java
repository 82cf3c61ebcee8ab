package org.tlsuplift.server.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.authority.CaSource;
import org.tlsuplift.server.config.ConfigLoader;

/** Configurations for commands under test. */
public final class Configs {
  private Configs() {}

  /** One listener on a free port, a route to localhost, and whatever is added. */
  public static String write(Path directory, String... more) throws IOException {
    Path file = directory.resolve("test.yaml");
    Files.writeString(
        file,
        """
        dataDirectory: '%s'
        listeners:
          - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
        routes:
          - {to: ["localhost:1024-65535"], action: bridge}
        certificateAuthority: {keyAlgorithm: EC-P256}
        """
                .formatted(directory.resolve("data"))
            + String.join("\n", more)
            + "\n");
    return file.toString();
  }

  /** Makes the authority for all listeners, as the first start does. */
  public static void makeAuthority(String file) throws OperatorException {
    var unused = CaSource.common(ConfigLoader.load(Path.of(file)).config()).open(line -> {});
  }

  /** Makes the authorities of single listeners, as the first start does. */
  public static void makeAuthorities(String file) throws OperatorException {
    for (CaSource source : CaSource.ofListeners(ConfigLoader.load(Path.of(file)).config())) {
      var unused = source.open(line -> {});
    }
  }
}
