package org.tlsuplift.proxy.ca;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.GeneralName;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.tls.chain.CertificatePath;

/**
 * A certificate authority that is ready to sign. Its key and certificates were checked: they belong
 * together and are valid now.
 *
 * <p>Immutable and thread-safe. The text form omits only the key.
 */
public final class IssuingCa {
  private final PrivateKey key;
  private final List<X509Certificate> path;
  private final NameConstraintRules rules;
  private final Provenance provenance;

  /** Only {@link CaChecks} calls this constructor. */
  IssuingCa(
      PrivateKey key,
      List<X509Certificate> path,
      NameConstraintRules rules,
      Provenance provenance) {
    this.key = key;
    this.path = List.copyOf(path);
    this.rules = rules;
    this.provenance = provenance;
  }

  public X509Certificate certificate() {
    return path.get(0);
  }

  /**
   * The certificate that devices must trust: the self-signed root, or the highest known certificate
   * if the operator's file has no root.
   */
  public X509Certificate anchor() {
    return path.get(path.size() - 1);
  }

  /** The earliest expiry of the CA's certificates, and thus of all leaves. */
  public Instant expiresAt() {
    return CertificatePath.expiresAt(path);
  }

  /** Whether the CA's certificates allow a host name, wildcard or address literal. */
  public boolean permits(String name) {
    String host = HostPort.normalise(name);
    if (HostPort.isHostName(host)) {
      return rules.permitsName(host);
    }
    Optional<String> below = HostPort.wildcardSuffix(host);
    if (below.isPresent()) {
      return rules.permitsSuffix(below.get());
    }
    return AddressBlock.octets(host).map(rules::permitsAddress).orElse(false);
  }

  /**
   * The wanted names that the CA's certificates do not allow, for a warning about routes that were
   * added after the CA was made. Empty if there are none or the CA has no name constraints.
   */
  public List<String> namesNotCovered(PermittedNames wanted) {
    return Stream.concat(
            wanted.dnsSuffixes().stream().filter(suffix -> !rules.permitsSuffix(suffix)),
            wanted.blocks().stream()
                .filter(block -> !rules.permitsBlock(block))
                .map(AddressBlock::toString))
        .toList();
  }

  /** The name constraints, one line each, such as {@code permits outlook.com}; may be empty. */
  public List<String> nameConstraints() {
    return rules.describe();
  }

  /** Whether the name constraints mention a kind of name, by its tag in {@link GeneralName}. */
  public boolean constrains(int kind) {
    return rules.mentions(kind);
  }

  PrivateKey key() {
    return key;
  }

  NameConstraintRules rules() {
    return rules;
  }

  Provenance provenance() {
    return provenance;
  }

  /** The start of the CA's youngest certificate, before which no leaf can start. */
  Instant validFrom() {
    return path.stream()
        .map(each -> each.getNotBefore().toInstant())
        .max(Instant::compareTo)
        .orElseThrow();
  }

  /**
   * The certificates sent after the leaf: a device has the root already (RFC 8446 section 4.4.2).
   */
  List<X509Certificate> sentIssuers() {
    return path.stream().filter(each -> !CertificatePath.isSelfIssued(each)).toList();
  }

  @Override
  public String toString() {
    return "IssuingCa[" + certificate().getSubjectX500Principal() + "]";
  }
}
