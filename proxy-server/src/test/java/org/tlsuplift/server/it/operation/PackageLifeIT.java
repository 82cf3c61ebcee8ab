package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.proxy.testing.Peer;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Packages;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;

/**
 * The packages in a systemd that this test boots: installed, upgraded, watched, handed over,
 * removed and purged. {@code src/test/systemd/scenario} has the steps.
 */
class PackageLifeIT {
  @RegisterExtension static final Lab lab = new Lab();

  /** It takes a minute or two, and more on a machine with much to do; 'boot' ends it earlier. */
  private static final Duration LONGEST = Duration.ofMinutes(21);

  private static final Path BOOT = Path.of("src", "test", "systemd", "boot");

  @Test
  void passesEveryStep() throws Exception {
    Peers.requireBoot();
    // What the scenario calls.
    List.of("ip", "nsenter", "rpm", "sha256sum", "ss", "systemd-analyze", "tar")
        .forEach(Peers::require);
    Peer.requireRunning(
        Path.of("/usr/bin/python3"), "python3", "install the Debian package python3");
    Path directory = lab.directory("systemd");
    Path old = Packages.ending(".deb");
    Path young = directory.resolve("next.deb");
    makeNext(old, directory.resolve("next"), young);

    Path results = directory.resolve("results");
    Child boot =
        lab.add(
            Child.start(
                new ProcessBuilder(
                    "bash",
                    BOOT.toString(),
                    results.toString(),
                    old.toString(),
                    young.toString(),
                    Packages.ending(".rpm").toString())));
    assertThat(boot.awaitExit(LONGEST))
        .as("%s%n%s%n%s", boot, text(results, "report"), text(results, "console"))
        .isZero();

    List<String> steps = Files.readAllLines(results.resolve("report"));
    // What failed comes first, because a report may cut the end of a long message.
    List<String> others = steps.stream().filter(step -> !step.startsWith("ok ")).toList();
    assertThat(steps)
        .as(
            "%s%n%s%n%s",
            String.join("\n", others), text(results, "daemon.log"), text(results, "scenario.log"))
        .hasSizeGreaterThan(85)
        .allMatch(line -> line.startsWith("ok "))
        .endsWith("ok ends");
  }

  /** Makes the package again with the next version. */
  private static void makeNext(Path deb, Path directory, Path next) throws Exception {
    String tool = Peers.require("dpkg-deb");
    Run.of(List.of(tool, "-R", deb.toString(), directory.toString())).succeeded();
    Path control = directory.resolve("DEBIAN/control");
    Files.writeString(
        control,
        Pattern.compile("(?m)^Version: (.*)$")
            .matcher(Files.readString(control))
            .replaceFirst("Version: $1+next"));
    Run.of(
            List.of(
                tool, "--root-owner-group", "-Znone", "-b", directory.toString(), next.toString()))
        .succeeded();
  }

  private static String text(Path results, String file) throws Exception {
    Path path = results.resolve(file);
    return Files.exists(path) ? Files.readString(path) : file + " is missing";
  }
}
