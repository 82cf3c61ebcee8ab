package org.tlsuplift.proxy.tls.failure;

import static org.assertj.core.api.Assertions.assertThat;

import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.testing.ClientAuthority;
import org.tlsuplift.proxy.tls.OriginIdentity;

/** The messages if an origin refuses the proxy's client certificate. */
class IdentityRefusalsTest {
  /** BoringSSL's text for a received alert. */
  private static String received(int alert) {
    return "javax.net.ssl.SSLException: error:%08x:SSL routines:OPENSSL_internal:AN_ALERT"
        .formatted(0x10000000 + 1000 + alert);
  }

  @ParameterizedTest
  @CsvSource({
    "42, refuses the client certificate or requires one (bad_certificate)",
    "45, 'refuses the client certificate or requires one (certificate_expired, expired'",
    "48, 'refuses the client certificate or requires one (unknown_ca, unknown issuer or missing intermediate'",
    "49, 'refuses the client certificate or requires one (access_denied, valid but'",
    "116, requires a client certificate (certificate_required)",
  })
  void explainsARefusalThatComesAfterTheHandshake(int alert, String text) {
    assertThat(OriginFailures.afterHandshake(received(alert)))
        .hasValueSatisfying(
            failure -> {
              assertThat(failure.reason()).isEqualTo(CloseReason.ORIGIN_HANDSHAKE_FAILED);
              assertThat(failure.why().text()).contains(text).contains("'clientCertificate'");
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"Connection reset by peer", "", "recvAddress(..) failed: broken"})
  void ignoresOtherEndsOfASession(String detail) {
    assertThat(OriginFailures.afterHandshake(detail)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 40, 47, 50, 80, 112})
  void ignoresOtherAlerts(int alert) {
    assertThat(OriginFailures.afterHandshake(received(alert))).isEmpty();
  }

  @Test
  void namesTheRefusedCertificate() {
    OriginIdentity ours = ClientAuthority.create().issue("EC", "relay.example.test").identity();
    assertThat(OriginFailures.of(new SSLException(received(48)), ours, true).why().text())
        .contains("CN=relay.example.test, issued by CN=Client Authority", "expires 20");
    assertThat(OriginFailures.of(new SSLException(received(116)), ours, true).why().text())
        .contains(
            "requires a client certificate with another key type",
            "the certificate is CN=relay.example.test");
    assertThat(OriginFailures.of(new SSLException(received(40)), ours, true).why().text())
        .contains(
            "refuses the client certificate (handshake_failure)",
            "the certificate is CN=relay.example.test");
  }

  /**
   * An origin refuses parameters before it sends its certificate, and a client certificate after
   * it.
   */
  @Test
  void recognisesAMissingClientCertificate() {
    OriginFailures before = OriginFailures.of(new SSLException(received(40)), null, false);
    assertThat(before.why().text())
        .startsWith("the origin accepts no offered cipher suite, group or signature;")
        .contains("use an RSA or P-256 key", "'tls-uplift probe'")
        .doesNotContain("client")
        .hasSizeLessThan(300);
    assertThat(OriginFailures.of(new SSLException(received(40)), null, true).why().text())
        .startsWith("the origin requires a client certificate")
        .contains("'clientCertificate'")
        .doesNotContain("accepts no");
  }

  /** Java's TLS replies so to a hello without signatures for its P-521 key. */
  @Test
  void namesTheKeyThatCausesAnInternalError() {
    assertThat(OriginFailures.of(new SSLException(received(80)), null, false).why().text())
        .contains("its key may be P-521", "'tls-uplift probe' shows the key")
        .hasSizeLessThan(300);
    assertThat(OriginFailures.of(new SSLException(received(80)), null, true).why().text())
        .doesNotContain("P-521");
  }

  @Test
  void showsEverythingButTheKey() {
    OriginIdentity ours = ClientAuthority.create().issue("EC", "relay.example.test").identity();
    assertThat(ours).hasToString("OriginIdentity[CN=relay.example.test]");
  }
}
