package org.tlsuplift.proxy.testing;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.tlsuplift.proxy.ca.CaChecks;
import org.tlsuplift.proxy.ca.CaSettings;
import org.tlsuplift.proxy.ca.Extensions;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.ca.LeafForm;
import org.tlsuplift.proxy.ca.LeafSettings;
import org.tlsuplift.proxy.ca.LocalCertificateAuthority;
import org.tlsuplift.proxy.ca.PermittedNames;
import org.tlsuplift.proxy.ca.Provenance;
import org.tlsuplift.proxy.ca.RootCertificate;
import org.tlsuplift.proxy.ca.SignatureHash;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.Leaf;

/** CAs in memory, with settings and verifiers for tests. */
public final class CaFixtures {
  /** The names that the CAs may sign. */
  public static final PermittedNames NAMES =
      new PermittedNames(List.of("outlook.com", "office365.com"), List.of("192.0.2.0/24"));

  private CaFixtures() {}

  /** The settings of a CA that is made in a millisecond. */
  public static CaSettings quick(PermittedNames names) {
    return settings(KeyAlgorithm.EC_P256, true, names);
  }

  /** The usual settings except for these. */
  public static CaSettings settings(
      KeyAlgorithm algorithm, boolean constraints, PermittedNames names) {
    return new CaSettings(
        algorithm,
        SignatureHash.SHA256,
        constraints,
        names,
        CaSettings.commonNameFor("test"),
        CaSettings.DEFAULT_VALID_FROM,
        CaSettings.DEFAULT_LIFETIME,
        Extensions.ALL);
  }

  /** Makes a CA in memory. */
  public static IssuingCa create(CaSettings settings) {
    return create(settings, Provenance.LOCAL);
  }

  static IssuingCa create(CaSettings settings, Provenance provenance) {
    try {
      Instant now = Instant.now();
      KeyPair key = settings.keyAlgorithm().generate();
      X509Certificate made = RootCertificate.selfSigned(settings, key, now);
      return CaChecks.check(key.getPrivate(), List.of(made), "ca", "key", provenance, now);
    } catch (OperatorException broken) {
      throw new IllegalStateException(broken);
    }
  }

  /** Signs a leaf with an EC key of its own. */
  public static Leaf leaf(IssuingCa ca, String... names) {
    LeafSettings usual = LeafSettings.defaults();
    LeafForm form = new LeafForm(KeyAlgorithm.EC_P256, false, Extensions.ALL);
    return new LocalCertificateAuthority(
            ca,
            new LeafSettings(usual.signature(), 1, usual.lifetime(), form),
            Runnable::run,
            () -> {})
        .leafFor(List.of(names))
        .toCompletableFuture()
        .join();
  }

  /**
   * Validates with the JDK's PKIX at a given time: first with the CA's certificate as the anchor,
   * then with only its key, because the JDK reads name constraints only from certificates in the
   * path.
   */
  public static void validate(Leaf leaf, X509Certificate anchor, Instant at) throws Exception {
    validate(leaf.chain(), new TrustAnchor(anchor, null), at);
    List<X509Certificate> whole = new ArrayList<>(leaf.chain());
    whole.add(anchor);
    TrustAnchor key =
        new TrustAnchor(anchor.getSubjectX500Principal(), anchor.getPublicKey(), null);
    validate(whole, key, at);
  }

  private static void validate(List<X509Certificate> chain, TrustAnchor anchor, Instant at)
      throws Exception {
    PKIXParameters parameters = new PKIXParameters(Set.of(anchor));
    parameters.setRevocationEnabled(false);
    parameters.setDate(Date.from(at));
    CertPath path = CertificateFactory.getInstance("X.509").generateCertPath(chain);
    CertPathValidator.getInstance("PKIX").validate(path, parameters);
  }

  /** Writes certificates to a PEM file. */
  public static Path pem(Path file, X509Certificate... certificates) throws Exception {
    return Files.writeString(
        file, Stream.of(certificates).map(Pem::of).collect(Collectors.joining()));
  }

  /** A clock that stands still. */
  public static Clock at(Instant instant) {
    return Clock.fixed(instant, ZoneOffset.UTC);
  }

  /** An exception as in the log, with all causes. */
  public static String trace(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }
}
