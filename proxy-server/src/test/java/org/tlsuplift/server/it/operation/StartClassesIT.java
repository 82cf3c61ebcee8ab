package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Machine;

/** A daemon loads no library that its configuration does not need: classes are time and memory. */
class StartClassesIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String YAML =
      """
      listeners:
        - {name: mail, bind: "127.0.0.1:0", accept: fixed, origin: "localhost:587", protocol: smtp, profile: legacy}
      routes:
        - {to: ["localhost:*"], action: bridge}
      """;

  @Test
  void aStartWithTheCurrentSchemaLoadsNoUnusedLibraries() throws Exception {
    Path folder = lab.directory("daemon");
    List<String> first = classesOfARun(folder);
    assertThat(first).as("the log of classes").anyMatch(of("org.flywaydb.core.Flyway"));
    assertThat(classesOfARun(folder))
        .anyMatch(of("org.tlsuplift.server.database.Migration"))
        .anyMatch(of("org.sqlite."))
        .noneMatch(of("org.flywaydb."))
        .noneMatch(of("org.postgresql."))
        .noneMatch(of("com.zaxxer."))
        // Of these two, interfaces of classes that a shutdown may need are there.
        .noneMatch(of("com.microsoft.aad.msal4j.AbstractClientApplicationBase"))
        .noneMatch(of("com.microsoft.aad.msal4j.AcquireToken"))
        .noneMatch(of("io.micrometer.registry.otlp.OtlpMeterRegistry"))
        .noneMatch(of("io.opentelemetry."))
        .noneMatch(of("org.commonmark."))
        .noneMatch(of("org.jose4j."))
        .noneMatch(of("org.tlsuplift.server.demo."));
  }

  private static Predicate<String> of(String start) {
    return name -> name.startsWith(start);
  }

  /** Runs a daemon until it is ready, and stops it, which writes the inventory. */
  private static List<String> classesOfARun(Path folder) throws Exception {
    Path log = lab.directory("classes").resolve("load.log");
    Daemon daemon = Daemon.start(lab, logging(log), folder, YAML);
    // The schema is made beside the start.
    await("an inventory that answers").until(() -> answers(daemon));
    daemon.terminate();
    assertThat(daemon.awaitExit(Duration.ofSeconds(20))).isZero();
    assertThat(Daemon.data(folder).resolve("inventory.db")).isNotEmptyFile();
    return Files.readAllLines(log);
  }

  private static boolean answers(Daemon daemon) throws Exception {
    URI devices = URI.create("http://127.0.0.1:%d/api/devices".formatted(daemon.admin().getPort()));
    return HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(devices).build(), BodyHandlers.discarding())
            .statusCode()
        == 200;
  }

  private static Machine logging(Path log) {
    return new Machine() {
      @Override
      public List<String> command(List<String> program) {
        List<String> command = new ArrayList<>(program);
        command.add(1, "-Xlog:class+load:file=" + log + ":none");
        return command;
      }

      @Override
      public boolean accepts(InetSocketAddress address) {
        return HERE.accepts(address);
      }
    };
  }
}
