package org.tlsuplift.server.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.ca.CaException;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.InvalidConfigException;
import org.tlsuplift.server.config.ServerConfig;

/** Where the certificate authority comes from, and what it may sign. */
class CaSourceTest {
  @TempDir Path directory;

  private CaSource source(String to, String authority) throws InvalidConfigException {
    return source(directory.resolve("data"), to, authority);
  }

  private static CaSource source(Path data, String to, String authority)
      throws InvalidConfigException {
    return CaSource.common(config(data, to, authority));
  }

  private static ServerConfig config(Path data, String to, String authority)
      throws InvalidConfigException {
    String yaml =
        """
        dataDirectory: '%s'
        listeners:
          - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
          - {name: fixed, bind: "127.0.0.1:0", accept: fixed, origin: "a.example:443",
             profile: legacy, serverNames: [uplift.corp.test, 192.0.2.7]}
        routes:
          - {to: ["a.example", "%s"], action: bridge}
        certificateAuthority: {%s}
        """
            .formatted(data, to, authority);
    return ConfigLoader.parse(yaml, "test").config();
  }

  @Test
  void confinesANewCaToRoutesAndServerNames() throws Exception {
    IssuingCa ca = source("*.b.example:443", "keyAlgorithm: EC-P256").open(line -> {});

    assertThat(ca.permits("a.example")).isTrue();
    assertThat(ca.permits("deep.in.b.example")).isTrue();
    assertThat(ca.permits("uplift.corp.test")).isTrue();
    assertThat(ca.permits("192.0.2.7")).isTrue();
    assertThat(ca.permits("c.example")).isFalse();
    assertThat(ca.permits("192.0.2.8")).isFalse();
  }

  @Test
  void leavesConstraintsOutWhereTheyAreSwitchedOff() throws Exception {
    IssuingCa ca =
        source("b.example", "keyAlgorithm: EC-P256, nameConstraints: false").open(line -> {});
    assertThat(ca.nameConstraints()).isEmpty();
  }

  @Test
  void leavesConstraintsOutWhereARouteLeadsEverywhere() throws Exception {
    CaSource source = source("*:443", "keyAlgorithm: EC-P256");
    IssuingCa ca = source.open(line -> {});
    assertThat(ca.nameConstraints()).isEmpty();
    assertThat(source.warnings(ca)).isEmpty();
  }

  @Test
  void tellsWhichNamesAnOlderCaDoesNotCover() throws Exception {
    source("b.example", "keyAlgorithm: EC-P256").open(line -> {});

    CaSource later = source("c.example", "keyAlgorithm: EC-P256");
    List<String> warnings = later.warnings(later.find().orElseThrow());

    assertThat(warnings)
        .singleElement()
        .asString()
        .contains("reach: c.example; ", "tls-uplift ca rotate");
  }

  @Test
  void tellsWithWhichOtherSettingsTheCaWasMade() throws Exception {
    IssuingCa made = source("b.example", "keyAlgorithm: EC-P256").open(line -> {});
    assertThat(source("b.example", "keyAlgorithm: EC-P256").warnings(made)).isEmpty();
    assertThat(source("b.example", "signature: SHA384, nameConstraints: false").warnings(made))
        .containsExactly(
            "the certificate authority "
                + directory.resolve("data/ca/ca.crt.pem")
                + " was made with other settings: keyAlgorithm EC-P256 (now RSA-2048), signature"
                + " SHA256 (now SHA384), name constraints some (now none); it stays as it is until"
                + " you run 'tls-uplift ca rotate', restart, and give the devices the new"
                + " certificate");
  }

  @Test
  void tellsInTimeThatTheCaExpires() throws Exception {
    ServerConfig config = config(directory.resolve("data"), "b.example", "keyAlgorithm: EC-P256");
    IssuingCa ca = CaSource.common(config).open(line -> {});
    Instant later = ca.expiresAt().minus(Duration.ofDays(60));

    assertThat(new CommonCaSource(config, Clock.fixed(later, ZoneOffset.UTC)).warnings(ca))
        .singleElement()
        .asString()
        .contains("expires on " + ca.expiresAt() + ", in 60 days", "tls-uplift ca rotate");
  }

  @Test
  void makesNothingWhereItOnlyLooks() throws Exception {
    assertThat(source("b.example", "").find()).isEmpty();
    assertThat(directory.resolve("data")).doesNotExist();
  }

  @Test
  void keepsTheOldOneBesideTheNew() throws Exception {
    CaSource source = source("b.example", "keyAlgorithm: EC-P256");
    IssuingCa old = source.open(line -> {});
    List<String> progress = new ArrayList<>();

    IssuingCa fresh = source.rotate(progress::add);

    assertThat(fresh.certificate()).isNotEqualTo(old.certificate());
    assertThat(progress).anyMatch(line -> line.startsWith("kept the old ca.key.pem"));
    assertThat(source.find().orElseThrow().certificate()).isEqualTo(fresh.certificate());
  }

  @Test
  void takesTheOperatorsOwnAndNeverRotatesIt() throws Exception {
    Path made = directory.resolve("made");
    IssuingCa theirs = source(made, "b.example", "keyAlgorithm: EC-P256").open(line -> {});
    String files = "certificate: '%1$s/ca/ca.crt.pem', key: '%1$s/ca/ca.key.pem'".formatted(made);

    CaSource source = source("b.example", files);

    assertThat(source.file()).isEqualTo(made.resolve("ca/ca.crt.pem"));
    assertThat(source.open(line -> {}).certificate()).isEqualTo(theirs.certificate());
    assertThat(source.warnings(theirs)).isEmpty();
    assertThat(directory.resolve("data")).doesNotExist();
    assertThatExceptionOfType(CaException.class)
        .isThrownBy(() -> source.rotate(line -> {}))
        .withMessageContaining("your own CA");
  }

  @Test
  void refusesAnEmptyPasswordFile() throws Exception {
    Path password = Files.createFile(directory.resolve("password"));
    Path pkcs12 = Files.createFile(directory.resolve("ca.p12"));
    CaSource source =
        source("b.example", "pkcs12: '%s', passwordFile: '%s'".formatted(pkcs12, password));

    assertThatExceptionOfType(CaException.class)
        .isThrownBy(() -> source.open(line -> {}))
        .withMessageContaining(password + " is empty");
  }
}
