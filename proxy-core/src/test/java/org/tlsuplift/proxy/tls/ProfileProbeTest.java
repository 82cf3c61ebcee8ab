package org.tlsuplift.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.proxy.model.TlsVersion;

/** The probe tries all parts of a profile, and reports those that the engines lack. */
class ProfileProbeTest {
  private static Stream<TlsProfile> profiles() {
    return Stream.of(
        TlsProfile.MODERN, LegacyTls.PROFILE, LegacyTls.ANTIQUE, LegacyTls.ANTIQUE_ECDSA);
  }

  private static List<String> missing(TlsEngine engine, List<TlsVersion> versions, String suite) {
    return ProfileProbe.missing(
        new TlsProfile(
            "test",
            List.of(
                new TlsPolicy(engine, versions, List.of("TLS_RSA_WITH_AES_128_CBC_SHA", suite)))));
  }

  @ParameterizedTest
  @MethodSource("profiles")
  void findsEverythingThatOurProfilesName(TlsProfile profile) {
    assertThat(ProfileProbe.missing(profile)).isEmpty();
  }

  @Test
  void reportsASuiteThatBoringSslLacks() {
    assertThat(
            missing(
                TlsEngine.BORINGSSL,
                List.of(TlsVersion.TLS_1_2, TlsVersion.TLS_1_0),
                "TLS_DHE_RSA_WITH_AES_128_CBC_SHA"))
        .containsExactly("TLS_DHE_RSA_WITH_AES_128_CBC_SHA (BoringSSL, TLSv1.2, TLSv1)");
  }

  @Test
  void reportsAVersionThatBoringSslLacks() {
    assertThat(
            missing(
                TlsEngine.BORINGSSL,
                List.of(TlsVersion.TLS_1_0, TlsVersion.SSL_3),
                "TLS_RSA_WITH_AES_256_CBC_SHA"))
        .containsExactly("SSLv3 (BoringSSL)");
  }

  @Test
  void reportsASuiteThatTheJdkLacks() {
    assertThat(
            missing(
                TlsEngine.JDK, List.of(TlsVersion.TLS_1_0), "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA"))
        .containsExactly("TLS_RSA_WITH_CAMELLIA_128_CBC_SHA (JDK, TLSv1)");
  }

  /** The JDK lists these suites, but cannot agree to them with an RSA key. */
  @Test
  void reportsASuiteThatTheJdkCannotUse() {
    assertThat(
            missing(TlsEngine.JDK, List.of(TlsVersion.TLS_1_0), "TLS_DHE_DSS_WITH_AES_128_CBC_SHA"))
        .containsExactly("TLS_DHE_DSS_WITH_AES_128_CBC_SHA (JDK, TLSv1)");
  }
}
