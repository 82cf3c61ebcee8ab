package org.tlsuplift.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.tls.hello.CipherSuites;

/** BoringSSL serves all devices that it can; the JDK's engine serves only the rest. */
class TlsProfileTest {
  private static final String RC4 = "0005";
  private static final String FALLBACK = "5600";

  @ParameterizedTest
  @CsvSource({
    // version, suites, groups, engine of antique, engine of legacy
    "TLSv1, 002f, '', BORINGSSL, BORINGSSL",
    "TLSv1, 0005 0035, '', BORINGSSL, BORINGSSL",
    "TLSv1, 0005 000a, '', JDK, BORINGSSL",
    "TLSv1, 0033, '', JDK, BORINGSSL",
    "TLSv1, c013, 0017, BORINGSSL, BORINGSSL",
    "TLSv1, c013, '', JDK, BORINGSSL",
    "TLSv1, c013, 0001, BORINGSSL, BORINGSSL",
    "TLSv1, c013 0033, 0001, JDK, BORINGSSL",
    "TLSv1, 009c, '', BORINGSSL, BORINGSSL",
    "TLSv1, 009c 0005, '', JDK, BORINGSSL",
    "TLSv1.2, 009c, '', BORINGSSL, BORINGSSL",
    "TLSv1.2, 003c, '', JDK, BORINGSSL",
    "TLSv1.3, 1301, 001d, BORINGSSL, BORINGSSL",
    "TLSv1.2, c02f, '', JDK, JDK",
    "SSLv3, 002f, '', JDK, BORINGSSL",
    "SSLv3, 0003, '', JDK, BORINGSSL",
    "TLSv1, 0003, '', BORINGSSL, BORINGSSL",
    "SSLv2, 0005, '', BORINGSSL, BORINGSSL",
    "TLSv1.2, c027, 0017, JDK, JDK",
    "TLSv1.2, c028, '', JDK, JDK",
    "TLSv1.2, c027 002f, 0017, BORINGSSL, BORINGSSL",
    "TLSv1.2, c027, 0001, BORINGSSL, BORINGSSL"
  })
  void choosesTheEngineByTheOfferedSuites(
      String version, String suites, String groups, TlsEngine antique, TlsEngine legacy) {
    assertThat(LegacyTls.ANTIQUE.policyFor(hello(version, suites, groups)).engine())
        .isEqualTo(antique);
    assertThat(LegacyTls.PROFILE.policyFor(hello(version, suites, groups)).engine())
        .isEqualTo(legacy);
  }

  @ParameterizedTest
  @CsvSource({
    "TLSv1, 002f, '', TLSv1",
    "TLSv1.2, 009c, '', TLSv1.2",
    "TLSv1.2, c02f 002f, 0017, TLSv1.2",
    "TLSv1.3, 1301, 001d, TLSv1.3"
  })
  void givesADeviceWithRoomForSmallRecordsAnEngineThatKeepsToThem(
      String version, String suites, String groups, String agreed) {
    ClientHello hello = hello(version, suites, groups, true);
    TlsPolicy policy = LegacyTls.ANTIQUE.policyFor(hello);
    assertThat(policy.engine()).isEqualTo(TlsEngine.JDK);
    assertThat(policy.sharedVersion(hello)).map(TlsVersion::label).contains(agreed);
    assertThat(LegacyTls.PROFILE.policyFor(hello).engine())
        .isEqualTo(groups.isEmpty() ? TlsEngine.BORINGSSL : TlsEngine.JDK);
    assertThat(LegacyTls.ANTIQUE.policyFor(hello(version, suites + " " + FALLBACK, groups, true)))
        .extracting(TlsPolicy::engine)
        .isEqualTo(TlsEngine.BORINGSSL);
  }

  @ParameterizedTest
  @CsvSource({
    "TLSv1.2, c02f, 16384, BORINGSSL, BORINGSSL",
    "TLSv1.2, c02f, 16385, JDK, JDK",
    "TLSv1.3, 1301, 65000, JDK, JDK",
    "TLSv1, 002f, 65000, BORINGSSL, JDK"
  })
  void givesADeviceWithALongHelloAnEngineThatReadsIt(
      String version, String suites, int length, TlsEngine legacy, TlsEngine antique) {
    ClientHello hello = hello(version, suites, "0017", false, length);
    assertThat(LegacyTls.PROFILE.policyFor(hello).engine()).isEqualTo(legacy);
    assertThat(LegacyTls.ANTIQUE.policyFor(hello).engine()).isEqualTo(antique);
  }

  @ParameterizedTest
  @CsvSource({
    // version, suites, groups, the profile that helps if legacy does not
    "TLSv1.2, 003c, '', antique",
    "TLSv1.2, 003d, '', antique",
    "TLSv1, 0005, '', antique",
    "SSLv3, 002f, '', antique",
    "TLSv1, 0005 5600, '', ''",
    "TLSv1, 0003, '', ''"
  })
  void namesTheProfileThatServesADevice(
      String version, String suites, String groups, String profile) {
    ClientHello hello = hello(version, suites, groups);
    assertThat(LegacyTls.weakerProfileFor(hello, LegacyTls.PROFILE).orElse("")).isEqualTo(profile);
    assertThat(LegacyTls.weakerProfileFor(hello, LegacyTls.ANTIQUE)).isEmpty();
  }

  @Test
  void namesTheStrongestProfileThatServesADevice() {
    assertThat(LegacyTls.weakerProfileFor(hello("TLSv1", "002f", ""), TlsProfile.MODERN))
        .contains("legacy");
    assertThat(LegacyTls.weakerProfileFor(hello("TLSv1", "0005", ""), TlsProfile.MODERN))
        .contains("antique");
  }

  @Test
  void doesNotHelpADeviceThatFellBackFurtherDown() {
    assertThat(LegacyTls.ANTIQUE.policyFor(hello("SSLv3", RC4, "")).engine())
        .isEqualTo(TlsEngine.JDK);
    assertThat(LegacyTls.ANTIQUE.policyFor(hello("SSLv3", RC4 + " " + FALLBACK, "")).engine())
        .isEqualTo(TlsEngine.BORINGSSL);
  }

  @Test
  void offersNoEllipticCurvesInSsl3() {
    TlsPolicy policy = LegacyTls.ANTIQUE.policyFor(hello("SSLv3", "c013 0005", ""));
    assertThat(policy.versions()).containsExactly(TlsVersion.SSL_3);
    assertThat(policy.cipherSuites()).noneMatch(suite -> suite.contains("ECDHE"));
  }

  @Test
  void antiqueProfileHasKnownSuitesOnly() {
    assertThat(LegacyTls.ANTIQUE.cipherSuites())
        .allSatisfy(suite -> assertThat(CipherSuites.numberOf(suite)).as(suite).isPresent())
        .noneMatch(suite -> suite.matches(".*(EXPORT|anon|NULL).*"));
    assertThat(LegacyTls.ANTIQUE.versions())
        .containsExactly(
            TlsVersion.TLS_1_3,
            TlsVersion.TLS_1_2,
            TlsVersion.TLS_1_1,
            TlsVersion.TLS_1_0,
            TlsVersion.SSL_3);
  }

  private static ClientHello hello(String version, String suites, String groups) {
    return hello(version, suites, groups, false);
  }

  private static ClientHello hello(
      String version, String suites, String groups, boolean smallRecords) {
    return hello(version, suites, groups, smallRecords, 200);
  }

  private static ClientHello hello(
      String version, String suites, String groups, boolean smallRecords, int length) {
    return new ClientHello(
        ClientHello.Framing.TLS,
        List.of(TlsVersion.ofLabel(version).orElseThrow()),
        numbers(suites),
        null,
        false,
        List.of(),
        numbers(groups),
        List.of(),
        smallRecords,
        length,
        "");
  }

  private static List<Integer> numbers(String text) {
    return Arrays.stream(text.split(" ", -1))
        .filter(each -> !each.isEmpty())
        .map(each -> Integer.parseInt(each, 16))
        .toList();
  }
}
