package org.tlsuplift.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.Test;

/** A chain is verified once in five minutes for each host, and only trusted chains are kept. */
class VerifiedChainsTest {
  private static final X509Certificate MAIL = certificate("mail.contoso.example");
  private static final X509Certificate OTHER = certificate("mail.contoso.example");

  private final Checks checks = new Checks();
  private final Watch watch = new Watch();
  private final VerifiedChains chains = new VerifiedChains(checks, watch);

  private static X509Certificate certificate(String name) {
    return ProvenOriginsTest.certificate(new GeneralName(GeneralName.dNSName, name)).certificate();
  }

  private void verify(X509Certificate certificate, String authType, String host)
      throws CertificateException {
    SSLEngine engine = engine(host);
    assertThat(chains.verify(new X509Certificate[] {certificate}, authType, engine).hosts())
        .containsExactly("mail.contoso.example");
  }

  private static SSLEngine engine(String host) {
    try {
      return SSLContext.getDefault().createSSLEngine(host, 443);
    } catch (java.security.NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  @Test
  void verifiesTheSameChainForTheSameHostOnce() throws Exception {
    for (int handshake = 0; handshake < 3; handshake++) {
      verify(MAIL, "ECDHE_ECDSA", "mail.contoso.example");
    }
    assertThat(checks.hosts).containsExactly("mail.contoso.example");
  }

  @Test
  void verifiesForAnotherHostKeyExchangeOrCertificateAgain() throws Exception {
    verify(MAIL, "ECDHE_ECDSA", "mail.contoso.example");
    verify(MAIL, "ECDHE_ECDSA", "other.contoso.example");
    verify(MAIL, "UNKNOWN", "mail.contoso.example");
    verify(OTHER, "ECDHE_ECDSA", "mail.contoso.example");
    assertThat(checks.hosts).hasSize(4);
  }

  @Test
  void verifiesAgainAfterFiveMinutes() throws Exception {
    verify(MAIL, "ECDHE_ECDSA", "mail.contoso.example");
    watch.now = watch.now.plus(Duration.ofMinutes(5).minusSeconds(1));
    verify(MAIL, "ECDHE_ECDSA", "mail.contoso.example");
    assertThat(checks.hosts).hasSize(1);
    watch.now = watch.now.plusSeconds(1);
    verify(MAIL, "ECDHE_ECDSA", "mail.contoso.example");
    assertThat(checks.hosts).hasSize(2);
  }

  @Test
  void verifiesAgainWhenTheCertificateHasEndedOrTheClockIsSetBack() throws Exception {
    watch.now = MAIL.getNotAfter().toInstant().minusSeconds(60);
    verify(MAIL, "ECDHE_ECDSA", "mail.contoso.example");
    watch.now = MAIL.getNotAfter().toInstant();
    verify(MAIL, "ECDHE_ECDSA", "mail.contoso.example");
    watch.now = MAIL.getNotBefore().toInstant().minusSeconds(1);
    verify(MAIL, "ECDHE_ECDSA", "mail.contoso.example");
    assertThat(checks.hosts).hasSize(3);
  }

  @Test
  void keepsNoChainThatIsNotTrusted() throws Exception {
    checks.refusal = new CertificateException("not trusted");
    for (int handshake = 0; handshake < 2; handshake++) {
      assertThatThrownBy(() -> verify(MAIL, "ECDHE_ECDSA", "mail.contoso.example"))
          .isSameAs(checks.refusal);
    }
    checks.refusal = null;
    verify(MAIL, "ECDHE_ECDSA", "mail.contoso.example");
    assertThat(checks.hosts).hasSize(3);
  }

  private static final class Watch extends Clock {
    private Instant now = Instant.now();

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Instant instant() {
      return now;
    }
  }

  /** Notes each check. */
  private static final class Checks extends X509ExtendedTrustManager {
    private final List<String> hosts = new ArrayList<>();
    private CertificateException refusal;

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      hosts.add(engine.getPeerHost());
      if (refusal != null) {
        throw refusal;
      }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {
      throw new UnsupportedOperationException();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
