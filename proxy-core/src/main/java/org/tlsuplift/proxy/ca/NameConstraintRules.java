package org.tlsuplift.proxy.ca;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.OperatorException;

/**
 * The names that the issuers of a leaf permit, read from their certificates (RFC 5280 section
 * 4.2.1.10). All issuers must permit a name.
 */
record NameConstraintRules(List<Rules> levels) {
  /**
   * Reads the constraints of these issuers, the nearest one first.
   *
   * @throws OperatorException when an extension cannot be read, so that its limits are unknown
   */
  static NameConstraintRules of(List<X509Certificate> issuers) throws OperatorException {
    List<Rules> levels = new ArrayList<>();
    for (X509Certificate issuer : issuers) {
      byte[] extension = issuer.getExtensionValue(Extension.nameConstraints.getId());
      if (extension != null) {
        try {
          levels.add(
              Rules.read(
                  NameConstraints.getInstance(ASN1OctetString.getInstance(extension).getOctets())));
        } catch (IllegalArgumentException | IllegalStateException malformed) {
          throw new OperatorException(
              "the name constraints of %s cannot be read; use another CA certificate"
                  .formatted(issuer.getSubjectX500Principal()),
              malformed);
        }
      }
    }
    return new NameConstraintRules(List.copyOf(levels));
  }

  boolean isEmpty() {
    return levels.isEmpty();
  }

  boolean permitsName(String host) {
    return all(
        rules ->
            allowed(rules.permittedDns, each -> covers(each, host))
                && rules.excludedDns.stream().noneMatch(each -> covers(each, host)));
  }

  boolean permitsAddress(byte[] address) {
    return all(
        rules ->
            allowed(rules.permittedBlocks, each -> each.contains(address))
                && rules.excludedBlocks.stream().noneMatch(each -> each.contains(address)));
  }

  /** Whether a name and everything below it is permitted. */
  boolean permitsSuffix(String suffix) {
    return all(
        rules ->
            allowed(rules.permittedDns, each -> covers(each, suffix))
                && rules.excludedDns.stream()
                    .noneMatch(each -> covers(each, suffix) || covers(suffix, each)));
  }

  /** Whether all addresses of a block are permitted. */
  boolean permitsBlock(AddressBlock block) {
    return all(
        rules ->
            allowed(rules.permittedBlocks, each -> each.contains(block))
                && rules.excludedBlocks.stream().noneMatch(each -> each.overlaps(block)));
  }

  /**
   * The distinguished name that a leaf's subject must start with, if an issuer requires one, as
   * constrained corporate CAs do.
   */
  Optional<X500Name> subjectBase() {
    return levels.stream().flatMap(rules -> rules.permittedSubjects.stream()).findFirst();
  }

  /** Whether an issuer has constraints for a kind of name, by its tag in {@link GeneralName}. */
  boolean mentions(int kind) {
    return levels.stream().anyMatch(rules -> rules.kinds.contains(kind));
  }

  /** One line for each subtree, such as {@code permits outlook.com}. */
  List<String> describe() {
    return levels.stream()
        .flatMap(
            rules ->
                Stream.concat(
                    lines(
                        "permits ",
                        rules.permittedDns,
                        rules.permittedBlocks,
                        rules.permittedSubjects),
                    lines("excludes ", rules.excludedDns, rules.excludedBlocks)))
        .toList();
  }

  private boolean all(Predicate<Rules> test) {
    return levels.stream().allMatch(test);
  }

  /** A kind of name that is not mentioned is not restricted. */
  private static <T> boolean allowed(List<T> permitted, Predicate<T> test) {
    return permitted.isEmpty() || permitted.stream().anyMatch(test);
  }

  /**
   * An empty constraint covers all names. Some CAs write a leading dot to exclude the name itself.
   */
  private static boolean covers(String constraint, String name) {
    return constraint.isEmpty()
        || (constraint.startsWith(".")
            ? name.endsWith(constraint)
            : name.equals(constraint) || name.endsWith("." + constraint));
  }

  private static Stream<String> lines(String verb, List<?>... subtrees) {
    return Stream.of(subtrees).flatMap(List::stream).map(each -> verb + each);
  }

  private record Rules(
      List<String> permittedDns,
      List<String> excludedDns,
      List<AddressBlock> permittedBlocks,
      List<AddressBlock> excludedBlocks,
      List<X500Name> permittedSubjects,
      Set<Integer> kinds) {

    static Rules read(NameConstraints constraints) {
      List<GeneralName> permitted = bases(constraints.getPermittedSubtrees());
      List<GeneralName> excluded = bases(constraints.getExcludedSubtrees());
      return new Rules(
          dns(permitted),
          dns(excluded),
          blocks(permitted),
          blocks(excluded),
          named(permitted, GeneralName.directoryName, X500Name::getInstance),
          Stream.of(permitted, excluded)
              .flatMap(List::stream)
              .map(GeneralName::getTagNo)
              .collect(Collectors.toUnmodifiableSet()));
    }

    private static List<GeneralName> bases(GeneralSubtree @Nullable [] trees) {
      return trees == null ? List.of() : Stream.of(trees).map(GeneralSubtree::getBase).toList();
    }

    private static <T> List<T> named(
        List<GeneralName> names, int kind, Function<ASN1Encodable, T> reader) {
      return names.stream()
          .filter(name -> name.getTagNo() == kind)
          .map(name -> reader.apply(name.getName()))
          .toList();
    }

    private static List<String> dns(List<GeneralName> names) {
      return named(names, GeneralName.dNSName, name -> HostPort.normalise(name.toString()));
    }

    private static List<AddressBlock> blocks(List<GeneralName> names) {
      return named(
          names,
          GeneralName.iPAddress,
          name -> AddressBlock.ofConstraint(ASN1OctetString.getInstance(name).getOctets()));
    }
  }
}
