package org.tlsuplift.proxy.testing;

import java.io.ByteArrayOutputStream;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.tlsuplift.proxy.testing.Issuer.Part;
import org.tlsuplift.proxy.testing.Issuer.Validity;
import org.tlsuplift.proxy.tls.Leaf;
import org.tlsuplift.proxy.tls.OriginIdentity;

/** A CA that issues the proxy's client certificates, and origins that request them. */
public final class ClientAuthority {
  /** Long enough that a certificate may have expired days ago. */
  private static final Duration AGE = Duration.ofDays(400);

  private static final Duration YEAR = Duration.ofDays(365);

  private final Issuer root;

  private ClientAuthority(Issuer root) {
    this.root = root;
  }

  /**
   * A certificate with its key.
   *
   * @param chain the certificate, then its issuer
   */
  public record Issued(PrivateKey key, List<X509Certificate> chain) {
    public OriginIdentity identity() {
      return new OriginIdentity(key, chain);
    }

    public X509Certificate certificate() {
      return chain.get(0);
    }

    /** The certificate and its issuer in PEM. */
    public String certificatePem() {
      return chain.stream().map(Pem::of).collect(Collectors.joining());
    }

    public String keyPem() {
      return Pem.of(key);
    }

    /** Both in PKCS#12. */
    public byte[] pkcs12(String password) {
      try {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(
            "connector", key, password.toCharArray(), chain.toArray(X509Certificate[]::new));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        store.store(bytes, password.toCharArray());
        return bytes.toByteArray();
      } catch (Exception broken) {
        throw new IllegalStateException(broken);
      }
    }
  }

  /** Creates a CA with a new root. */
  public static ClientAuthority create() {
    return new ClientAuthority(
        Issuer.selfSigned(
            Issuer.newKey(),
            "CN=Client Authority " + new SecureRandom().nextInt(),
            until(Instant.now().plus(YEAR)),
            Part.ca()));
  }

  public X509Certificate certificate() {
    return root.certificate();
  }

  /** A certificate that is valid for a year. */
  public Issued issue(String algorithm, String commonName, KeyPurposeId... purposes) {
    return issue(algorithm, commonName, Instant.now().plus(YEAR), purposes);
  }

  /** A certificate with this expiry; without purposes it is valid for all of them. */
  public Issued issue(
      String algorithm, String commonName, Instant notAfter, KeyPurposeId... purposes) {
    return issued(
        algorithm.equals("RSA") ? RsaKeys.next() : Issuer.newKey(),
        "CN=" + commonName,
        notAfter,
        purposes.length == 0
            ? new Part[] {Part.noCa()}
            : new Part[] {Part.noCa(), Part.usages(purposes)});
  }

  /** A certificate of a server with these names in subjectAltName. */
  public Issued issueFor(String... names) {
    return issueFor(Instant.now().plus(YEAR), names);
  }

  /** A certificate of a server with this expiry and these names in subjectAltName. */
  public Issued issueFor(Instant notAfter, String... names) {
    return issued(RsaKeys.next(), "CN=" + names[0], notAfter, Part.noCa(), Part.names(names));
  }

  /** A certificate as CAs with ACME issue it. */
  public Issued issueWithoutSubject(String... names) {
    Part all = Part.names(names);
    // Critical if it is the only name (RFC 5280 section 4.2.1.6).
    Part critical = new Part(all.type(), true, all.value());
    return issued(RsaKeys.next(), "", Instant.now().plus(YEAR), Part.noCa(), critical);
  }

  private Issued issued(KeyPair own, String subject, Instant notAfter, Part... parts) {
    Issuer leaf = root.sign(own, subject, until(notAfter), parts);
    return new Issued(leaf.privateKey(), List.of(leaf.certificate(), root.certificate()));
  }

  private static Validity until(Instant end) {
    return new Validity(Instant.now().minus(AGE), end);
  }

  /** The context of an origin with this leaf that accepts client certificates of this CA. */
  public SSLContext asking(Leaf leaf) {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(
          "leaf", leaf.key(), new char[0], leaf.chain().toArray(X509Certificate[]::new));
      KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
      keys.init(store, new char[0]);
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry("ca", root.certificate());
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (Exception broken) {
      throw new IllegalStateException(broken);
    }
  }
}
