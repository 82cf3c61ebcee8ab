package org.tlsuplift.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prunsrv's part is played by a main class that calls the two methods as it does. */
class WindowsServiceTest {
  /** More than a JVM needs that starts when all others have the processors. */
  private static final Duration START_LIMIT = Duration.ofMinutes(5);

  @TempDir Path directory;

  /** Starts the service, and stops it when it has a line to read. */
  public static final class Prunsrv {
    private Prunsrv() {}

    public static void main(String[] arguments) throws Exception {
      Thread service = new Thread(() -> WindowsService.start(arguments));
      // As that of prunsrv, which is a thread of native code.
      service.setContextClassLoader(null);
      service.start();
      if (System.in.read() >= 0) {
        WindowsService.stop(new String[0]);
      }
      service.join();
    }
  }

  private Path config() throws IOException {
    return Files.writeString(
        directory.resolve("tls-uplift.yaml"),
        """
        dataDirectory: '%s/data'
        certificateAuthority: {keyAlgorithm: EC-P256}
        admin: {bind: "127.0.0.1:0"}
        listeners:
          - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
        """
            .formatted(directory));
  }

  @Test
  void runsUntilItGetsTheStopControl() throws Exception {
    Path config = config();
    Process service = start("run", "--config", config.toString());
    await().atMost(START_LIMIT).until(() -> output().contains(" ready") || !service.isAlive());
    assertThat(service.isAlive()).as(output()).isTrue();
    Matcher admin = Pattern.compile("http://127\\.0\\.0\\.1:\\d+/").matcher(output());
    assertThat(admin.find()).as(output()).isTrue();
    HttpRequest page = HttpRequest.newBuilder(URI.create(admin.group())).build();
    assertThat(
            HttpClient.newHttpClient()
                .send(page, HttpResponse.BodyHandlers.discarding())
                .statusCode())
        .isEqualTo(200);

    service.getOutputStream().write('\n');
    service.getOutputStream().flush();

    assertThat(service.waitFor()).as(output()).isZero();
    assertThat(output()).contains("service control: draining", "stopped");
  }

  /** Prunsrv deletes its file of standard output at each start. */
  @Test
  void keepsTheLogOfEarlierStartsInAFile() throws Exception {
    Path config = config();
    Path file = directory.resolve("service.log");
    for (int starts = 1; starts <= 2; starts++) {
      Process service =
          start(List.of("-Dtlsuplift.log=" + file), "run", "--config", config.toString());
      int expected = starts;
      await()
          .atMost(START_LIMIT)
          .until(() -> count(file, " ready") == expected || !service.isAlive());
      service.getOutputStream().write('\n');
      service.getOutputStream().flush();
      assertThat(service.waitFor()).as(output()).isZero();
    }
    assertThat(count(file, "stopped; ")).as(Files.readString(file)).isEqualTo(2);
    assertThat(output()).doesNotContain(" ready");
  }

  private static long count(Path file, String text) throws IOException {
    return Files.exists(file)
        ? Files.readAllLines(file).stream().filter(line -> line.contains(text)).count()
        : 0;
  }

  @Test
  void endsOrderlyAfterAConfigurationError() throws Exception {
    Path config = directory.resolve("tls-uplift.yaml");
    Files.writeString(config, "listeners: none\n");
    Process service = start("run", "--config", config.toString());
    service.getOutputStream().close();
    assertThat(service.waitFor()).as(output()).isZero();
    assertThat(output()).contains("listeners");
  }

  private static final String LOG =
      """
      <configuration>
        <statusListener class="ch.qos.logback.core.status.NopStatusListener"/>
        <appender name="STDOUT" class="ch.qos.logback.core.ConsoleAppender">
          <encoder class="org.tlsuplift.server.log.LineEncoder"/>
        </appender>
        <appender name="BOUNDED" class="org.tlsuplift.server.log.BoundedAppender">
          <appender-ref ref="STDOUT"/>
        </appender>
        <logger name="org.tlsuplift" level="INFO"/>
        <root level="WARN"><appender-ref ref="BOUNDED"/></root>
      </configuration>
      """;

  private Process start(String... arguments) throws IOException {
    return start(List.of(), arguments);
  }

  private Process start(List<String> options, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            // Not that of the tests, which has fewer lines, but as an operator's own.
            "-Dlogback.configurationFile=" + Files.writeString(directory.resolve("log.xml"), LOG),
            "-cp",
            System.getProperty("java.class.path"),
            Prunsrv.class.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("output").toFile())
        .start();
  }

  private String output() throws IOException {
    return Files.readString(directory.resolve("output"));
  }
}
