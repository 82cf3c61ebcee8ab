package org.tlsuplift.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.it.lab.Peers;

/** The units in config/systemd, and the scripts of packages. */
@OneJdk
class SystemdUnitsTest {
  private static final Path UNITS = Path.of("..", "config", "systemd");
  private static final Path DISTRIBUTION = Path.of("src", "main", "distribution");

  /** The exposure is a number from 0 to 10, and the threshold is ten times as high. */
  @ParameterizedTest
  @ValueSource(strings = {"tls-uplift.service", "tls-uplift@.service"})
  void areExposedLittle(String unit) throws Exception {
    Ended analysis =
        run(
            Peers.require("systemd-analyze"),
            "security",
            "--no-pager",
            "--offline=true",
            "--threshold=20",
            UNITS.resolve(unit).toString());
    assertThat(analysis.exit).as(analysis.output).isZero();
  }

  @Test
  void differOnlyInTheirPorts() throws IOException {
    List<String> one = settings("tls-uplift.service");
    List<String> many = settings("tls-uplift@.service");
    List<String> added = new ArrayList<>(many);
    one.forEach(added::remove);
    assertThat(added)
        .containsExactly(
            "Description=TLS Uplift, admin port %i",
            "After=network-online.target tls-uplift.socket tls-uplift.service",
            "Requires=tls-uplift.socket",
            "Conflicts=tls-uplift.service",
            "ExecStart=/usr/bin/tls-uplift run --config /etc/tls-uplift/tls-uplift.yaml"
                + " --admin-port %i",
            "Sockets=tls-uplift.socket",
            "NonBlocking=yes");
    assertThat(one).filteredOn(setting -> !many.contains(setting)).hasSize(3);
  }

  @Test
  void openThePortsOfTheDefaultConfiguration() throws Exception {
    assertThat(settings("tls-uplift.socket").stream().filter(each -> each.startsWith("Listen")))
        .containsExactlyElementsOf(
            ConfigLoader.loadDefault().config().listeners().stream()
                .map(ListenerConfig::bind)
                .flatMap(List::stream)
                .map(bind -> "ListenStream=" + bind)
                .toList());
  }

  @Test
  void haveScriptsThatAreCleanToShellcheck() throws Exception {
    List<String> command = new ArrayList<>(List.of(Peers.require("shellcheck"), "--shell=sh"));
    for (String directory : List.of("bin", "deb/control", "rpm")) {
      try (Stream<Path> files = Files.list(DISTRIBUTION.resolve(directory))) {
        files.filter(file -> !file.endsWith("control")).map(Path::toString).forEach(command::add);
      }
    }
    Ended check = run(command.toArray(new String[0]));
    assertThat(check.exit).as(check.output).isZero();
    Ended tests =
        run(Peers.require("shellcheck"), "src/test/systemd/boot", "src/test/systemd/scenario");
    assertThat(tests.exit).as(tests.output).isZero();
  }

  private static List<String> settings(String unit) throws IOException {
    return Files.readAllLines(UNITS.resolve(unit)).stream()
        .filter(line -> !line.isBlank() && !line.startsWith("#") && !line.startsWith("["))
        .toList();
  }

  private record Ended(int exit, String output) {}

  private static Ended run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ended(process.waitFor(), output);
  }
}
