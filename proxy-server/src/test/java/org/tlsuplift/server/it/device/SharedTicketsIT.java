package org.tlsuplift.server.it.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Nginx;
import org.tlsuplift.server.it.peer.Site;
import org.tlsuplift.server.testing.AtOnce;
import org.tlsuplift.server.testing.Postgres;

/** Behind a load balancer, a device resumes its session at another instance. */
class SharedTicketsIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final Pattern NEW = Pattern.compile("(?m)^New, .*Cipher is");
  private static final Pattern REUSED = Pattern.compile("(?m)^Reused, .*Cipher is");

  private static Site origin;
  private static Daemon first;
  private static Daemon second;
  private static Daemon otherCa;

  @BeforeAll
  static void start() throws IOException {
    Postgres postgres = lab.add(Postgres.start());
    TestCa ca = new TestCa(lab);
    origin = Site.tls12(Loopback.V4, ca.issue("localhost"));
    Nginx.start(lab, origin);
    Path key = Lab.privately(lab.file("shared.key", "0123456789abcdef0123456789abcdef"));
    String yaml =
        """
        listeners:
          - {name: fixed, bind: "127.0.0.1:0", accept: fixed, origin: "%1$s", profile: legacy}
        routes:
          - {to: ["%1$s"], action: bridge}
        upstream: {trust: "%2$s"}
        database: {url: "%3$s", user: %4$s, passwordFile: "%5$s", keyFile: "%6$s"}
        """
            .formatted(
                origin.byName(),
                ca.file(),
                postgres.url(),
                postgres.user(),
                postgres.passwordFile(),
                key);
    CompletableFuture<Daemon> other = AtOnce.supply(() -> Daemon.start(lab, yaml));
    first = Daemon.start(lab, yaml);
    Path folder = lab.directory("second");
    copyCa(first.folder(), folder);
    second = Daemon.start(lab, Machine.HERE, folder, yaml);
    otherCa = other.join();
  }

  private static void copyCa(Path from, Path to) throws IOException {
    Path target = Files.createDirectories(Daemon.data(to)).resolve("ca");
    Files.copy(Daemon.data(from).resolve("ca"), target, StandardCopyOption.COPY_ATTRIBUTES);
    for (String file : List.of("ca.key.pem", "ca.crt.pem")) {
      Files.copy(
          Daemon.data(from).resolve("ca").resolve(file),
          target.resolve(file),
          StandardCopyOption.COPY_ATTRIBUTES);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1", "-tls1_1", "-tls1_2"})
  void resumesAtTheOtherInstance(String version) {
    Path session = lab.directory("session").resolve("session.pem");
    Run begun = attempt(first, version, "-sess_out", session).succeeded();
    assertThat(begun.output()).containsPattern(NEW).contains(origin.answer("localhost"));
    for (Daemon instance : List.of(second, first, second)) {
      Run resumed = attempt(instance, version, "-sess_in", session).succeeded();
      assertThat(resumed.output()).containsPattern(REUSED).contains(origin.answer("localhost"));
    }
  }

  @Test
  void anInstanceWithAnotherCaShowsItsCertificate() {
    Path session = lab.directory("session").resolve("session.pem");
    attempt(first, "-tls1_2", "-sess_out", session).succeeded();
    assertThat(attempt(otherCa, "-tls1_2", "-sess_in", session).output()).containsPattern(NEW);
  }

  private static Run attempt(Daemon instance, String version, String option, Path session) {
    return new OpensslDevice(version, "AES128-SHA")
        .attempt(Way.fixed(instance, "fixed", origin.byName()), option, session.toString());
  }
}
