package org.tlsuplift.proxy.tls.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.AlgorithmParameters;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificates, OCSP responses and revocation lists share this decision about signatures. */
class StrongChainCheckerTest {
  private static boolean isWeak(String name, byte[] parameters) {
    return StrongChainChecker.isWeakSignature(StrongChainChecker.algorithm(name, parameters));
  }

  @ParameterizedTest
  @CsvSource({"SHA-1, true", "SHA-256, false", "SHA-384, false", "SHA-512, false"})
  void readsTheHashOfRsassaPssFromItsParameters(String hash, boolean weak) throws Exception {
    AlgorithmParameters parameters = AlgorithmParameters.getInstance("RSASSA-PSS");
    parameters.init(new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), 20, 1));
    assertThat(isWeak("RSASSA-PSS", parameters.getEncoded())).isEqualTo(weak);
  }

  @Test
  void readsMissingAndMalformedParametersAsSha1() {
    assertThat(isWeak("RSASSA-PSS", null)).isTrue();
    // An empty sequence, in which the default of each field holds (RFC 4055 section 3.1).
    assertThat(isWeak("RSASSA-PSS", new byte[] {0x30, 0})).isTrue();
    assertThat(isWeak("RSASSA-PSS", new byte[] {5, 0})).isTrue();
    assertThat(isWeak("RSASSA-PSS", new byte[] {0x30, 9})).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"SHA1withRSA", "SHA1withECDSA", "SHA-1withRSA", "MD5withRSA", "md2withRSA"})
  void refusesForgeableHashes(String name) {
    assertThat(isWeak(name, null)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"SHA256withRSA", "SHA384withECDSA", "SHA512withRSA", "Ed25519"})
  void acceptsOtherHashes(String name) {
    assertThat(isWeak(name, null)).isFalse();
  }
}
