package org.tlsuplift.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.config.secret.HeadersFile;

/** Where metrics are sent to. */
class OtlpConfigTest {
  private static final String LISTENERS =
      "listeners: [{name: web, bind: '127.0.0.1:0', accept: http-connect, profile: legacy}]\n";
  private static final String ALLOWED =
      "; expected http://host:port/v1/metrics or https://host:port/v1/metrics";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  @Test
  void isReadWithItsDefaults() throws Exception {
    assertThat(otlp("{url: 'http://[::1]:4318/v1/metrics'}"))
        .isEqualTo(
            new MetricsConfig.Otlp(
                URI.create("http://[::1]:4318/v1/metrics"), Duration.ofMinutes(1), null));
    assertThat(otlp("{url: 'https://otlp.corp.example/x', interval: 15s}").interval())
        .isEqualTo(Duration.ofSeconds(15));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | url: missing" + ALLOWED,
        "{url: 'localhost:4318'} | url: got 'localhost:4318'" + ALLOWED,
        "{url: 'grpc://localhost:4317/'} | url: got 'grpc://localhost:4317/'" + ALLOWED,
        "{url: 'http://a.example/v1#x'} | url: got 'http://a.example/v1#x'" + ALLOWED,
        "{url: 'http://a b/v1'} | url: got 'http://a b/v1'" + ALLOWED,
        "{url: 'http://localhost:4318'} | url: got 'http://localhost:4318'"
            + ALLOWED
            + "; add the path; most receivers use /v1/metrics",
        "{url: 'http://a.example/v1', interval: 2h} | interval: got '2h'; expected a time from 1s to 1h, such as 500ms, 10s, 10m, 2h or 30d",
        "{url: 'http://a.example/v1', headers: x} | headers: unknown key; expected url, interval, headersFile",
      })
  void problems(String otlp, String message) {
    assertThat(ConfigProblemsTest.problems(yaml(otlp))).containsExactly("metrics.otlp." + message);
  }

  @Test
  void refusesAPasswordInTheUrlWithoutRepeatingIt() {
    assertThat(ConfigProblemsTest.problems(yaml("{url: 'http://me:hunter2@a.example/v1'}")))
        .singleElement()
        .asString()
        .doesNotContain("hunter2")
        .contains("headersFile");
  }

  @Test
  void readsHeaders() throws Exception {
    Path file = headers("# for the collector\n\nAuthorization: Bearer a:b \nX-Scope-OrgID: 7\n");
    assertThat(HeadersFile.read(file))
        .containsExactly(Map.entry("Authorization", "Bearer a:b"), Map.entry("X-Scope-OrgID", "7"));
    LoadedConfig loaded =
        ConfigLoader.parse(
            yaml("{url: 'https://a.example/v1', headersFile: '" + file + "'}"), "test");
    assertThat(loaded.warnings()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hunter2",
        "Host: hunter2",
        "Content-Length: hunter2",
        "content-type: hunter2",
        "Na me: hunter2",
        ": hunter2",
        "Authorization:",
        "X: hunter2\u0001"
      })
  void refusesAnInvalidHeaderWithItsLineNumber(String line) throws IOException {
    Path file = headers("A: b\n" + line + "\n");
    assertThat(ConfigProblemsTest.problems(withHeaders("https", file)))
        .singleElement()
        .asString()
        .startsWith("metrics.otlp.headersFile: line 2 of " + file + " is not a valid header")
        .doesNotContain("hunter2");
  }

  @Test
  void refusesAFileWithoutHeadersAndAMissingFile() throws IOException {
    Path file = headers("# nothing\n");
    assertThat(ConfigProblemsTest.problems(withHeaders("https", file)))
        .containsExactly(
            "metrics.otlp.headersFile: "
                + file
                + " has no headers; write 'Name: value' on each line");
    assertThat(ConfigProblemsTest.problems(withHeaders("https", directory.resolve("none"))))
        .singleElement()
        .asString()
        .contains("no such file");
  }

  @Test
  void warnsOfSecretsThatOthersCanRead() throws Exception {
    Path file = headers("Authorization: Bearer x\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(ConfigLoader.parse(withHeaders("http", file), "test").warnings())
        .extracting(ConfigProblem::toString)
        .containsExactlyInAnyOrder(
            "metrics.otlp.headersFile: '"
                + file
                + "' is accessible to other users (mode rw-r--r--); its headers are secret; run: chmod 600 "
                + file,
            "metrics.otlp.url: 'http://a.example/v1' is not encrypted, but would receive the headersFile; use https, or a receiver on this machine");
  }

  private Path headers(String text) throws IOException {
    Path file = Files.writeString(directory.resolve("otlp.headers"), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private static String withHeaders(String scheme, Path file) {
    return yaml("{url: '" + scheme + "://a.example/v1', headersFile: '" + file + "'}");
  }

  private static MetricsConfig.Otlp otlp(String otlp) throws InvalidConfigException {
    MetricsConfig.Otlp read = ConfigLoader.parse(yaml(otlp), "test").config().metrics().otlp();
    assertThat(read).isNotNull();
    return read;
  }

  private static String yaml(String otlp) {
    return LISTENERS + "metrics: {otlp: " + otlp + "}";
  }
}
