package org.tlsuplift.proxy.ca;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
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
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.Leaf;

/** Settings, keys and verifiers that the tests of this package share. */
final class CaFixtures {
  /** Made once, because it takes hundreds of milliseconds. */
  static final KeyPair LEAF_KEY = KeyAlgorithm.RSA_2048.generate();

  static final PermittedNames NAMES =
      new PermittedNames(List.of("outlook.com", "office365.com"), List.of("192.0.2.0/24"));

  private CaFixtures() {}

  /** The settings of a CA that is made in a millisecond. */
  static CaSettings quick(PermittedNames names) {
    return settings(KeyAlgorithm.EC_P256, true, names);
  }

  static CaSettings settings(KeyAlgorithm algorithm, boolean constraints, PermittedNames names) {
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

  static IssuingCa create(Path directory, CaSettings settings) throws OperatorException {
    return new CaStore(directory).open(settings, line -> {});
  }

  static LocalCertificateAuthority authority(IssuingCa ca) {
    return authority(ca, Clock.systemUTC());
  }

  static LocalCertificateAuthority authority(IssuingCa ca, Clock clock) {
    return new LocalCertificateAuthority(
        ca, LeafSettings.defaults(), Runnable::run, () -> {}, LEAF_KEY, clock);
  }

  static Leaf leaf(IssuingCa ca, String... names) {
    return authority(ca).leafFor(List.of(names)).toCompletableFuture().join();
  }

  /** Signs any names, as a thief of the key could. */
  static Leaf leafPastConstraints(IssuingCa ca, String... names) throws Exception {
    return new LeafMint(ca, LeafSettings.defaults(), LEAF_KEY, Clock.systemUTC())
        .mint(new LeafNames(List.of(names)))
        .leaf();
  }

  /**
   * Validates with the JDK's PKIX at a given time: first with the CA's certificate as the anchor,
   * then with only its key, because the JDK reads name constraints only from certificates in the
   * path.
   */
  static void validate(Leaf leaf, X509Certificate anchor, Instant at) throws Exception {
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

  static Path pem(Path file, X509Certificate... certificates) throws Exception {
    StringBuilder text = new StringBuilder();
    for (X509Certificate each : certificates) {
      text.append(
          new String(CaExport.encode(each, CaExport.Format.PEM), StandardCharsets.US_ASCII));
    }
    return Files.writeString(file, text);
  }

  static Clock at(Instant instant) {
    return Clock.fixed(instant, ZoneOffset.UTC);
  }

  /** An exception as in the log, with all causes. */
  static String trace(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }
}
