package org.tlsuplift.proxy.ca;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.outcome.OperatorException;

/**
 * The names of one leaf, each valid and permitted.
 *
 * @param names 1 to 100 distinct, normalised names; the first is the subject
 */
record LeafNames(List<String> names) {
  private static final int MAX_NAMES = 100;
  private static final int MAX_COMMON_NAME = 64;

  /** In characters. A device may send any text as a name, but a log line must stay short. */
  private static final int SHOWN = 100;

  /**
   * Checks names against the syntax and the CA's constraints.
   *
   * @throws OperatorException with the wrong name and the remedy
   */
  static LeafNames check(List<String> names, IssuingCa ca) throws OperatorException {
    Set<String> distinct = new LinkedHashSet<>();
    for (String each : names) {
      String name = HostPort.normalise(each);
      if (!HostPort.isHostName(name)
          && HostPort.wildcardSuffix(name).isEmpty()
          && AddressBlock.octets(name).isEmpty()) {
        throw new OperatorException(
            ("no certificate for \"%s\": it is neither a host name nor an address; correct "
                    + "serverNames, or the name that the device asks for")
                .formatted(ShortText.printable(name, SHOWN)));
      }
      if (!ca.permits(name)) {
        throw new OperatorException(
            ("no certificate for %s: the name constraints of the CA do not permit it; if it "
                    + "should be reachable, add a route for it and %s")
                .formatted(name, ca.provenance().remedy()));
      }
      distinct.add(name);
    }
    if (distinct.isEmpty() || distinct.size() > MAX_NAMES) {
      throw new OperatorException(
          "no certificate with %s names: 1 to %s are allowed; shorten serverNames"
              .formatted(distinct.size(), MAX_NAMES));
    }
    return new LeafNames(List.copyOf(distinct));
  }

  String first() {
    return names.get(0);
  }

  /**
   * The subject's common name; none if it would be too long (RFC 5280, ub-common-name).
   *
   * @param constrained whether the CA has name constraints: for a leaf without a DNS name, GnuTLS
   *     then treats the common name as one, and OpenSSL one that looks like it, such as an IPv4
   *     address; both find it outside of the DNS subtrees
   */
  Optional<String> commonName(boolean constrained) {
    boolean onlyAddresses = names.stream().allMatch(name -> AddressBlock.octets(name).isPresent());
    return (constrained && onlyAddresses) || first().length() > MAX_COMMON_NAME
        ? Optional.empty()
        : Optional.of(first());
  }

  /**
   * The names that a leaf of a form has.
   *
   * @throws OperatorException when the form has no place for the first name
   */
  LeafNames in(LeafForm form) throws OperatorException {
    if (form.extensions() == Extensions.NONE && first().length() > MAX_COMMON_NAME) {
      throw new OperatorException(
          ("no certificate for %s: without extensions a name has up to %s characters; set "
                  + "certificate.extensions to minimal")
              .formatted(first(), MAX_COMMON_NAME));
    }
    return form.oneName() ? new LeafNames(List.of(first())) : this;
  }

  /** The names as dNSName and iPAddress (RFC 5280 section 4.2.1.6). */
  GeneralNames alternativeNames() {
    return new GeneralNames(names.stream().map(LeafNames::general).toArray(GeneralName[]::new));
  }

  private static GeneralName general(String name) {
    return AddressBlock.octets(name)
        .map(octets -> new GeneralName(GeneralName.iPAddress, new DEROctetString(octets)))
        .orElseGet(() -> new GeneralName(GeneralName.dNSName, name));
  }
}
