package org.tlsuplift.server.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.ca.Extensions;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.ca.LeafForm;
import org.tlsuplift.proxy.ca.SignatureHash;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.ServerConfig;

/**
 * The authority of one listener: what it signs, where it is, and that it ends with its listener.
 */
class ListenerCaSourceTest {
  private static final ZoneId HERE = ZoneId.systemDefault();

  @TempDir Path directory;
  private final LocalDate today = LocalDate.now(HERE);

  private ServerConfig config(LocalDate until, String certificate) throws Exception {
    return ConfigLoader.parse(
            """
            dataDirectory: '%s'
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
              - {name: alarms, bind: "127.0.0.1:0", accept: fixed, origin: "a.example:443", profile: antique,
                 serverNames: [uplift.corp.test], devices: [10.0.0.0/8], until: %s, certificate: %s}
            routes:
              - {to: ["a.example"], action: bridge}
            certificateAuthority: {keyAlgorithm: EC-P256}
            """
                .formatted(directory, until, certificate),
            "test")
        .config();
  }

  private ListenerCaSource source(LocalDate until, String certificate) throws Exception {
    return CaSource.ofListeners(config(until, certificate)).get(0);
  }

  @Test
  void endsTwoWeeksAfterItsListener() throws Exception {
    LocalDate until = today.plusDays(60);
    IssuingCa ca = source(until, "{extensions: none}").open(line -> {});
    assertThat(source(until, "{extensions: minimal, keyAlgorithm: RSA-1024}").warnings(ca))
        .singleElement()
        .asString()
        .contains(
            "settings: keyAlgorithm RSA-2048 (now RSA-1024), extensions none (now minimal);",
            "run 'tls-uplift ca stage --listener alarms'");
    assertThat(ca.expiresAt())
        .isEqualTo(until.plusDays(1).atStartOfDay(HERE).toInstant().plusSeconds(14 * 86400L));
    assertThat(source(until.plusDays(14), "{extensions: none}").warnings(ca)).isEmpty();
    assertThat(source(until.plusDays(16), "{extensions: none}").warnings(ca))
        .singleElement()
        .asString()
        .contains(
            "of the listener alarms expires on " + ca.expiresAt(),
            "before the last day of the listener (" + until.plusDays(16) + ")",
            "tls-uplift ca stage --listener alarms");
  }

  @Test
  void isNotCreatedForAnExpiredListener() throws Exception {
    ListenerCaSource over = source(today.minusDays(2), "{}");
    assertThatExceptionOfType(OperatorException.class)
        .isThrownBy(() -> over.stage(line -> {}))
        .withMessageContaining("its last day was " + today.minusDays(2));
    assertThat(over.find()).isEmpty();
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void usesTheConfiguredFormAndTheUsualOneByDefault() throws Exception {
    LocalDate until = today.plusDays(60);
    ListenerCaSource weak =
        source(until, "{keyAlgorithm: RSA-1024, signature: SHA1, names: one, extensions: minimal}");
    assertThat(weak.leafSettings().signature()).isEqualTo(SignatureHash.SHA1);
    assertThat(weak.leafSettings().form())
        .isEqualTo(new LeafForm(KeyAlgorithm.RSA_1024, true, Extensions.MINIMAL));
    ListenerCaSource usual = source(until, "{}");
    assertThat(usual.leafSettings().signature()).isEqualTo(SignatureHash.SHA256);
    assertThat(usual.leafSettings().form()).isEqualTo(LeafForm.USUAL);
  }

  @Test
  void isConfinedToItsListenersNamesUnlessExtensionsAreOmitted() throws Exception {
    LocalDate until = today.plusDays(60);
    ListenerCaSource source = source(until, "{keyAlgorithm: EC-P256}");
    IssuingCa confined = source.open(line -> {});
    assertThat(confined.permits("a.example")).isTrue();
    assertThat(confined.permits("uplift.corp.test")).isTrue();
    assertThat(confined.permits("b.example")).isFalse();
    assertThat(source.file()).isEqualTo(directory.resolve("listeners/alarms/ca.crt.pem"));
    assertThat(source(until, "{extensions: minimal}").stage(line -> {}).ca().nameConstraints())
        .isEmpty();
  }

  /** Which would ask for a new one that all devices had to be given. */
  @Test
  void commonCaDoesNotPermitItsNames() throws Exception {
    CaSource common = CaSource.common(config(today.plusDays(60), "{}"));
    IssuingCa ca = common.open(line -> {});
    assertThat(ca.permits("uplift.corp.test")).isFalse();
    assertThat(common.warnings(ca)).isEmpty();
  }
}
