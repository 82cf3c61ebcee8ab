package org.tlsuplift.proxy.ca;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.tlsuplift.proxy.keyfile.CertificatePath;
import org.tlsuplift.proxy.model.HostPort;

/**
 * A certificate authority that is ready to sign, checked: key and certificates belong together and
 * are valid now.
 *
 * <p>Immutable and thread-safe. Its text shows everything but the key.
 */
public final class IssuingCa {
  private final PrivateKey key;
  private final List<X509Certificate> path;
  private final NameConstraintRules rules;
  private final Provenance provenance;

  /** Only {@link CaChecks} makes one. */
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
   * The certificate that devices must trust: the self-signed root, or the highest one known if the
   * operator's file has no root.
   */
  public X509Certificate anchor() {
    return path.get(path.size() - 1);
  }

  /** When the first of its certificates expires, and all leaves with it. */
  public Instant expiresAt() {
    return CertificatePath.expiresAt(path);
  }

  /** Whether its certificates allow it to sign for that host name, wildcard or address literal. */
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
   * The wanted names that its certificates do not allow, for a warning that routes were added since
   * the CA was made; empty if there are none or the CA has no name constraints.
   */
  public List<String> namesNotCovered(PermittedNames wanted) {
    return Stream.concat(
            wanted.dnsSuffixes().stream().filter(suffix -> !rules.permitsSuffix(suffix)),
            wanted.blocks().stream()
                .filter(block -> !rules.permitsBlock(block))
                .map(AddressBlock::toString))
        .toList();
  }

  /** Its name constraints, one line each, such as {@code permits outlook.com}; may be empty. */
  public List<String> nameConstraints() {
    return rules.describe();
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

  /** When the youngest of its certificates became valid: a leaf cannot be older. */
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
