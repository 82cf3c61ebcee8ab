package org.tlsuplift.proxy.testing;

import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.tlsuplift.proxy.ca.CaSettings;
import org.tlsuplift.proxy.ca.Extensions;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.ca.LeafForm;
import org.tlsuplift.proxy.ca.LeafSettings;
import org.tlsuplift.proxy.ca.LocalCertificateAuthority;
import org.tlsuplift.proxy.ca.PermittedNames;
import org.tlsuplift.proxy.ca.Provenance;
import org.tlsuplift.proxy.ca.SignatureHash;
import org.tlsuplift.proxy.tls.Leaf;

/** A certificate authority in memory, for origins or for the proxy itself. */
public final class TestAuthority {
  private final LocalCertificateAuthority authority;

  private TestAuthority(IssuingCa ca, LeafSettings leaves) {
    this.authority = new LocalCertificateAuthority(ca, leaves, Runnable::run, () -> {});
  }

  /** Creates a CA for localhost, all names below example.test, and loopback addresses. */
  public static TestAuthority create() {
    return create(LeafSettings.defaults());
  }

  /** Creates a CA like {@link #create}, with leaves of both kinds of keys. */
  public static TestAuthority withBothKeys() {
    LeafSettings usual = LeafSettings.defaults();
    return create(
        new LeafSettings(usual.signature(), usual.cached(), usual.lifetime(), usual.form(), true));
  }

  private static TestAuthority create(LeafSettings leaves) {
    PermittedNames names =
        new PermittedNames(List.of("localhost", "example.test"), List.of("127.0.0.0/8", "::1/128"));
    return new TestAuthority(CaFixtures.create(CaSettings.defaults(names, "test")), leaves);
  }

  /** Creates the weakest CA that an antique listener may have. It may sign any name. */
  public static TestAuthority ofListener(
      String listener, KeyAlgorithm key, SignatureHash signature, Extensions extensions) {
    CaSettings settings =
        new CaSettings(
            key,
            signature,
            false,
            new PermittedNames(List.of(), List.of()),
            CaSettings.commonNameFor("test", listener),
            CaSettings.DEFAULT_VALID_FROM,
            Duration.ofDays(30),
            extensions);
    return new TestAuthority(
        CaFixtures.create(settings, Provenance.ofListener(listener)),
        new LeafSettings(
            signature,
            100,
            LeafSettings.DEFAULT_LIFETIME,
            new LeafForm(key, extensions != Extensions.ALL, extensions)));
  }

  /** The source of leaves for a proxy. */
  public LocalCertificateAuthority source() {
    return authority;
  }

  public X509Certificate certificate() {
    return authority.certificate();
  }

  /** A JDK context that presents a leaf for these names. */
  public SSLContext serving(String... names) {
    try {
      Leaf leaf = authority.leafFor(List.of(names)).toCompletableFuture().get();
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry(
          "leaf", leaf.key(), new char[0], leaf.chain().toArray(X509Certificate[]::new));
      KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
      keys.init(store, new char[0]);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (Exception broken) {
      throw new IllegalStateException(broken);
    }
  }

  /** A JDK context that trusts only this CA. */
  public SSLContext trusting() {
    return trusting(certificate());
  }

  /** A JDK context that trusts only this root. */
  public static SSLContext trusting(X509Certificate root) {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setCertificateEntry("ca", root);
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (Exception broken) {
      throw new IllegalStateException(broken);
    }
  }
}
