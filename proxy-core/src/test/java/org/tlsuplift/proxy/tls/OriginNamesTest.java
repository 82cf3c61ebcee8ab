package org.tlsuplift.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.X509ExtendedTrustManager;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.testing.Issuer;
import org.tlsuplift.proxy.testing.Issuer.Part;

/**
 * Each combination of common name, alternative names and name constraints, like BetterTLS's suite
 * "nameconstraints" (github.com/Netflix/bettertls), with the constraints in the intermediate
 * certificate or in the root.
 *
 * <p>An origin is accepted if a subjectAltName is for its host and the constraints permit all
 * subjectAltNames.
 */
class OriginNamesTest {
  private static final String HOST = "mail.contoso.example";
  private static final String ADDRESS = "203.0.113.10";

  private static final Issuer ROOT = Issuer.root("Root CA");
  private static final Issuer SUB = ROOT.intermediate("Sub CA");

  /**
   * A leaf.
   *
   * @param commonName empty for none
   * @param hosts the DNS names
   * @param addresses the IP addresses
   */
  private record Leaf(String commonName, List<String> hosts, List<String> addresses) {
    Issuer issue() {
      GeneralName[] names =
          Stream.concat(
                  hosts.stream().map(OriginNamesTest::dns),
                  addresses.stream().map(OriginNamesTest::address))
              .toArray(GeneralName[]::new);
      Instant until = Instant.now().plus(Duration.ofHours(1));
      String subject = commonName.isEmpty() ? "O=Contoso" : "CN=" + commonName;
      return names.length == 0
          ? SUB.sign(Issuer.newKey(), subject, "SHA256withECDSA", until)
          : SUB.sign(Issuer.newKey(), subject, "SHA256withECDSA", until, Part.names(names));
    }
  }

  /** Constraints; each kind of name that has no permitted one is not limited. */
  private record Limits(
      List<String> permittedHosts,
      List<String> excludedHosts,
      List<String> permittedAddresses,
      List<String> excludedAddresses) {
    Part part() {
      return Part.constraints(
          Stream.concat(
                  permittedHosts.stream().map(OriginNamesTest::dns),
                  permittedAddresses.stream().map(OriginNamesTest::address))
              .toList(),
          Stream.concat(
                  excludedHosts.stream().map(OriginNamesTest::dns),
                  excludedAddresses.stream().map(OriginNamesTest::address))
              .toList());
    }

    boolean permit(Leaf leaf) {
      return leaf.hosts().stream()
              .allMatch(
                  host ->
                      (permittedHosts.isEmpty() || permittedHosts.stream().anyMatch(host::endsWith))
                          && excludedHosts.stream().noneMatch(host::endsWith))
          && leaf.addresses().stream()
              .allMatch(
                  address ->
                      (permittedAddresses.isEmpty() || in(permittedAddresses, address))
                          && !in(excludedAddresses, address));
    }

    private static boolean in(List<String> blocks, String address) {
      return blocks.stream()
          .anyMatch(block -> address.startsWith(block.substring(0, block.indexOf("0/"))));
    }
  }

  private static GeneralName dns(String name) {
    return new GeneralName(GeneralName.dNSName, name);
  }

  private static GeneralName address(String text) {
    return new GeneralName(GeneralName.iPAddress, text);
  }

  private static final List<String> NONE = List.of();
  private static final List<String> HERE = List.of("contoso.example");
  private static final List<String> THERE = List.of("fabrikam.example");
  private static final List<String> BLOCK = List.of("203.0.113.0/24");
  private static final List<String> OTHER_BLOCK = List.of("198.51.100.0/24");

  private static final List<Limits> LIMITS =
      List.of(
          new Limits(HERE, NONE, NONE, NONE),
          new Limits(THERE, NONE, NONE, NONE),
          new Limits(NONE, HERE, NONE, NONE),
          new Limits(NONE, THERE, NONE, NONE),
          new Limits(NONE, NONE, BLOCK, NONE),
          new Limits(NONE, NONE, OTHER_BLOCK, NONE),
          new Limits(NONE, NONE, NONE, BLOCK),
          new Limits(NONE, NONE, NONE, OTHER_BLOCK),
          new Limits(HERE, NONE, BLOCK, NONE),
          new Limits(HERE, List.of(HOST), BLOCK, NONE),
          new Limits(NONE, THERE, NONE, OTHER_BLOCK));

  private static List<Leaf> leaves() {
    List<Leaf> leaves = new ArrayList<>();
    for (String commonName : List.of("", HOST, ADDRESS, "www.fabrikam.example", "Mail server")) {
      for (List<String> hosts : List.of(NONE, List.of(HOST), List.of("www.fabrikam.example"))) {
        for (List<String> addresses : List.of(NONE, List.of(ADDRESS), List.of("198.51.100.7"))) {
          leaves.add(new Leaf(commonName, hosts, addresses));
        }
      }
    }
    return leaves;
  }

  private static boolean isTrusted(X509ExtendedTrustManager chains, X509Certificate... chain) {
    try {
      chains.checkServerTrusted(chain, "UNKNOWN");
      return true;
    } catch (CertificateException refused) {
      return false;
    }
  }

  /**
   * The common name is compared too if there is no alternative name of its kind, as the JDK and
   * OpenSSL do. BetterTLS prefers to accept such a certificate and allows both. Its CA should not
   * have issued it.
   */
  private static boolean isCommonNameRefused(Leaf leaf, Limits limits) {
    boolean literal = leaf.commonName().equals(ADDRESS);
    Leaf named =
        new Leaf(
            "",
            literal ? NONE : List.of(leaf.commonName()),
            literal ? List.of(leaf.commonName()) : NONE);
    return leaf.commonName().indexOf('.') > 0
        && (literal ? leaf.addresses() : leaf.hosts()).isEmpty()
        && !limits.permit(named);
  }

  private static void check(X509Certificate root, X509Certificate sub, Limits limits) {
    X509ExtendedTrustManager chains = OriginTrust.of(List.of(root)).chains();
    for (Leaf leaf : leaves()) {
      X509Certificate issued = leaf.issue().certificate();
      boolean trusted = isTrusted(chains, issued, sub);
      assertThat(trusted)
          .as("%s with %s", leaf, limits)
          .isEqualTo(limits.permit(leaf) && !isCommonNameRefused(leaf, limits));
      CertificateNames names = CertificateNames.of(issued);
      assertThat(names.hosts()).isEqualTo(leaf.hosts());
      assertThat(names.addresses())
          .extracting(InetAddress::getHostAddress)
          .isEqualTo(leaf.addresses());
    }
  }

  @Test
  void readsOnlyAlternativeNamesBelowAConstrainedIntermediate() {
    for (Limits limits : LIMITS) {
      check(ROOT.certificate(), sub(limits.part()), limits);
    }
  }

  @Test
  void keepsToTheNameConstraintsOfTheRoot() {
    for (Limits limits : LIMITS) {
      X509Certificate root = Issuer.root(ROOT.key(), "Root CA", limits.part()).certificate();
      check(root, SUB.certificate(), limits);
    }
  }

  /** An intermediate with SUB's key and subject, so with its leaves, but with other constraints. */
  private static X509Certificate sub(Part limits) {
    return ROOT.sign(
            SUB.key(),
            "CN=Sub CA",
            "SHA256withECDSA",
            Instant.now().plus(Duration.ofHours(1)),
            Part.ca(),
            limits)
        .certificate();
  }
}
