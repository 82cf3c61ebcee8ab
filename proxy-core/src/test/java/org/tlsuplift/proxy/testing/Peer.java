package org.tlsuplift.proxy.testing;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A program that the tests run and that is not part of this project.
 *
 * <p>A test that needs a missing program is skipped. With {@code UPLIFT_REQUIRE_PEERS=true} it
 * fails.
 */
public final class Peer {
  private Peer() {}

  /**
   * The path of a program.
   *
   * @param debianPackage the Debian package that has it
   */
  public static Path require(String program, String debianPackage) {
    return onPath(program)
        .orElseGet(() -> Path.of(missing(program, "install the Debian package " + debianPackage)));
  }

  /**
   * Ends the test because a program is missing.
   *
   * @param what the program; the build's last line lists it
   * @param remedy the way to get the program
   * @return never
   */
  public static String missing(String what, String remedy) {
    String why = what + " is missing: " + remedy;
    return "true".equals(System.getenv("UPLIFT_REQUIRE_PEERS"))
        ? fail(why + " (UPLIFT_REQUIRE_PEERS=true)")
        : abort(why);
  }

  /** Finds a program on the PATH or in the directories that only root has there. */
  public static Optional<Path> onPath(String program) {
    String path = System.getenv().getOrDefault("PATH", "") + File.pathSeparator + "/usr/sbin";
    return Stream.of(path.split(File.pathSeparator, -1))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
