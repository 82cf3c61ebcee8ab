package org.tlsuplift.proxy.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.testing.CaFixtures;
import org.tlsuplift.proxy.testing.OpenSsl;
import org.tlsuplift.proxy.tls.Leaf;

/** The content of a leaf, checked by openssl and real TLS clients. */
final class LeafTest {
  @TempDir Path temp;

  @Test
  void opensslSeesALeafOfTheRightShape() throws Exception {
    OpenSsl.require();
    IssuingCa ca =
        CaFixtures.create(CaFixtures.settings(KeyAlgorithm.RSA_2048, true, CaFixtures.NAMES));
    Leaf leaf = Leaves.leaf(ca, "smtp.office365.com", "outlook.com", "192.0.2.7");
    assertThat(leaf.chain()).hasSize(1);
    CaFixtures.pem(temp.resolve("ca.pem"), ca.anchor());
    CaFixtures.pem(temp.resolve("leaf.pem"), leaf.chain().get(0));
    String text = OpenSsl.must(temp, "x509", "-in", "leaf.pem", "-noout", "-text");
    assertThat(text.replaceAll("\\s+", " "))
        .contains(
            "Subject: CN=smtp.office365.com ",
            "sha256WithRSAEncryption",
            "Public-Key: (2048 bit)",
            "X509v3 Basic Constraints: critical CA:FALSE",
            "X509v3 Key Usage: critical Digital Signature, Key Encipherment",
            "X509v3 Extended Key Usage: TLS Web Server Authentication",
            "X509v3 Subject Key Identifier:",
            "X509v3 Authority Key Identifier:",
            "X509v3 Subject Alternative Name: DNS:smtp.office365.com, DNS:outlook.com,"
                + " IP Address:192.0.2.7",
            "Not Before: Jan 1 00:00:00 2000 GMT");
    for (String name : List.of("-verify_hostname smtp.office365.com", "-verify_ip 192.0.2.7")) {
      String[] option = name.split(" ", -1);
      OpenSsl.must(
          temp,
          "verify",
          "-x509_strict",
          "-purpose",
          "sslserver",
          "-CAfile",
          "ca.pem",
          option[0],
          option[1],
          "leaf.pem");
    }
    CaFixtures.validate(leaf, ca.anchor(), Instant.now());
  }

  /** For a redirected device whose origin has such a certificate. */
  @Test
  void aWildcardBelowAPermittedNameIsAcceptedByOpenssl() throws Exception {
    OpenSsl.require();
    IssuingCa ca =
        CaFixtures.create(CaFixtures.settings(KeyAlgorithm.EC_P256, true, CaFixtures.NAMES));
    assertThat(ca.permits("*.outlook.com")).isTrue();
    assertThat(ca.permits("*.evil.example")).isFalse();
    assertThat(ca.permits("*.com")).isFalse();
    X509Certificate leaf = Leaves.leaf(ca, "*.outlook.com").chain().get(0);
    assertThat(leaf.getSubjectX500Principal()).hasToString("CN=*.outlook.com");
    CaFixtures.pem(temp.resolve("ca.pem"), ca.anchor());
    CaFixtures.pem(temp.resolve("leaf.pem"), leaf);
    OpenSsl.must(
        temp, "verify", "-CAfile", "ca.pem", "-verify_hostname", "mx.outlook.com", "leaf.pem");
  }

  @ParameterizedTest
  @CsvSource({
    "true, 192.0.2.7, OU=TLS Uplift",
    "false, 192.0.2.7, CN=192.0.2.7",
    "false, 2001:db8::7, CN=2001:db8::7",
  })
  void anAddressAloneIsAcceptedByOpenssl(boolean constrained, String address, String subject)
      throws Exception {
    OpenSsl.require();
    IssuingCa ca =
        CaFixtures.create(CaFixtures.settings(KeyAlgorithm.EC_P256, constrained, CaFixtures.NAMES));
    X509Certificate leaf = Leaves.leaf(ca, address).chain().get(0);
    assertThat(leaf.getSubjectX500Principal()).hasToString(subject);
    CaFixtures.pem(temp.resolve("ca.pem"), ca.anchor());
    CaFixtures.pem(temp.resolve("leaf.pem"), leaf);
    OpenSsl.must(temp, "verify", "-CAfile", "ca.pem", "-verify_ip", address, "leaf.pem");
  }

  @Test
  void aLongNameIsOnlyInTheAlternativeNames() throws Exception {
    IssuingCa ca = CaFixtures.create(CaFixtures.quick(CaFixtures.NAMES));
    String edge = "a".repeat(64 - ".outlook.com".length()) + ".outlook.com";
    String over = "b" + edge;
    Leaf short64 = Leaves.leaf(ca, edge);
    Leaf long65 = Leaves.leaf(ca, over);
    assertThat(short64.chain().get(0).getSubjectX500Principal()).hasToString("CN=" + edge);
    assertThat(long65.chain().get(0).getSubjectX500Principal()).hasToString("OU=TLS Uplift");
    assertThat(long65.chain().get(0).getSubjectAlternativeNames())
        .containsExactly(List.of(2, over));
    CaFixtures.validate(long65, ca.anchor(), Instant.now());
  }

  @ParameterizedTest
  @EnumSource(
      value = KeyAlgorithm.class,
      names = {"RSA_2048", "EC_P256"})
  void aDeviceThatTrustsTheCaShakesHands(KeyAlgorithm algorithm) throws Exception {
    PermittedNames names = new PermittedNames(List.of("office365.com"), List.of("127.0.0.0/8"));
    IssuingCa ca = CaFixtures.create(CaFixtures.settings(algorithm, true, names));
    Leaf leaf = Leaves.leaf(ca, "smtp.office365.com", "127.0.0.1");
    assertThat(handshake(leaf, ca.anchor(), "smtp.office365.com")).isEqualTo(leaf.chain().get(0));
    assertThat(handshake(leaf, ca.anchor(), "127.0.0.1")).isEqualTo(leaf.chain().get(0));
    assertThatThrownBy(() -> handshake(leaf, ca.anchor(), "imap.office365.com"))
        .isInstanceOf(SSLException.class);
    IssuingCa other = CaFixtures.create(CaFixtures.quick(names));
    assertThatThrownBy(() -> handshake(leaf, other.anchor(), "smtp.office365.com"))
        .isInstanceOf(SSLException.class);
  }

  /** A real handshake over loopback. Returns the certificate that the device got. */
  private static X509Certificate handshake(Leaf leaf, X509Certificate trusted, String name)
      throws Exception {
    KeyStore keys = empty();
    keys.setKeyEntry("leaf", leaf.key(), new char[0], leaf.chain().toArray(X509Certificate[]::new));
    KeyManagerFactory keyManagers = KeyManagerFactory.getInstance("PKIX");
    keyManagers.init(keys, new char[0]);
    SSLContext server = SSLContext.getInstance("TLS");
    server.init(keyManagers.getKeyManagers(), null, new SecureRandom());

    KeyStore roots = empty();
    roots.setCertificateEntry("ca", trusted);
    TrustManagerFactory trustManagers = TrustManagerFactory.getInstance("PKIX");
    trustManagers.init(roots);
    SSLContext device = SSLContext.getInstance("TLS");
    device.init(null, trustManagers.getTrustManagers(), new SecureRandom());

    InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try (SSLServerSocket listener =
        (SSLServerSocket) server.getServerSocketFactory().createServerSocket(0, 1, loopback)) {
      Future<?> served = pool.submit(() -> serve(listener));
      try (Socket plain = new Socket(loopback, listener.getLocalPort());
          SSLSocket socket =
              (SSLSocket)
                  device.getSocketFactory().createSocket(plain, name, plain.getPort(), true)) {
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        parameters.setProtocols(new String[] {"TLSv1.2"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return (X509Certificate) socket.getSession().getPeerCertificates()[0];
      } finally {
        served.get();
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private static void serve(SSLServerSocket listener) {
    try (SSLSocket accepted = (SSLSocket) listener.accept()) {
      accepted.startHandshake();
    } catch (IOException refusedByDevice) {
      // Only the device's side of the handshake is asserted.
      return;
    }
  }

  private static KeyStore empty() throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }
}
