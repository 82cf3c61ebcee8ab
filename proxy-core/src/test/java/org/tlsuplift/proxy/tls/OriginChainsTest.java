package org.tlsuplift.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.SslContextBuilder;
import java.net.Socket;
import java.security.KeyPair;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.OtherName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.testing.Issuer;
import org.tlsuplift.proxy.testing.Issuer.Part;
import org.tlsuplift.proxy.tls.failure.OriginFailures;

/**
 * The chains that are accepted and refused, with real handshakes. The kinds of cases come from
 * x509-limbo (github.com/C2SP/x509-limbo) and BetterTLS (github.com/Netflix/bettertls); the
 * certificates are generated here. Where the result differs from x509-limbo's, the case has the
 * reason.
 *
 * <p>{@link OriginNamesTest} has the combinations of names and constraints.
 */
class OriginChainsTest {
  private static final String HOST = "mail.contoso.example";
  private static final String ADDRESS = "203.0.113.10";
  private static final Part NAMED = Part.names(HOST);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private static final Issuer ROOT = Issuer.root("Root CA");
  private static final Issuer SUB = ROOT.intermediate("Sub CA");

  /**
   * A case.
   *
   * @param kind x509-limbo's or BetterTLS's name for it, and what is special
   * @param accepted whether the origin is accepted
   * @param difference the reason why the suite has the other result; empty if it has the same
   * @param trusted the anchors
   * @param shown the chain that the origin sends, its own certificate first
   */
  private record Case(
      String kind,
      boolean accepted,
      String difference,
      String host,
      List<Issuer> trusted,
      List<Issuer> shown) {
    /** This case for another host. */
    Case dialled(String other) {
      return new Case(kind, accepted, difference, other, trusted, shown);
    }

    Case because(String reason) {
      return new Case(kind, accepted, reason, host, trusted, shown);
    }

    @Override
    public String toString() {
      return kind
          + (accepted ? " is accepted" : " is refused")
          + (difference.isEmpty() ? "" : ", unlike there: " + difference);
    }
  }

  private static Case accepted(String kind, Issuer root, Issuer... shown) {
    return new Case(kind, true, "", HOST, List.of(root), List.of(shown));
  }

  private static Case refused(String kind, Issuer root, Issuer... shown) {
    return new Case(kind, false, "", HOST, List.of(root), List.of(shown));
  }

  private static GeneralName dns(String name) {
    return new GeneralName(GeneralName.dNSName, name);
  }

  private static GeneralName ip(String text) {
    return new GeneralName(GeneralName.iPAddress, text);
  }

  private static GeneralName mail(String text) {
    return new GeneralName(GeneralName.rfc822Name, text);
  }

  private static GeneralName directory(String text) {
    return new GeneralName(new X500Name(text));
  }

  /** A name that no host has, of a kind that the proxy does not know. */
  private static GeneralName other() {
    return new GeneralName(
        GeneralName.otherName,
        new OtherName(new ASN1ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"), new DERUTF8String("x")));
  }

  private static Part permitted(GeneralName... names) {
    return Part.constraints(List.of(names), List.of());
  }

  private static Part excluded(GeneralName... names) {
    return Part.constraints(List.of(), List.of(names));
  }

  private static Part unknown(boolean critical) {
    return new Part(new ASN1ObjectIdentifier("1.3.6.1.4.1.55555.1"), critical, DERNull.INSTANCE);
  }

  private static Part critical(Part part) {
    return new Part(part.type(), true, part.value());
  }

  private static Part raw(ASN1ObjectIdentifier type, ASN1Encodable value) {
    return new Part(type, false, value);
  }

  private static Issuer leaf(Issuer issuer, Part... parts) {
    return issuer.issue("Mail server", parts);
  }

  private static Instant inAnHour() {
    return Instant.now().plus(Duration.ofHours(1));
  }

  private static KeyPair rsa(int bits) {
    return Issuer.newKey("RSA", new RSAKeyGenParameterSpec(bits, RSAKeyGenParameterSpec.F4));
  }

  private static Issuer leaf(KeyPair key, Part... parts) {
    return SUB.sign(key, "CN=Mail server", "SHA256withECDSA", inAnHour(), parts);
  }

  static Stream<Case> cases() {
    return Stream.of(
            names(),
            authorities(),
            pathLengths(),
            purposes(),
            constraints(),
            roots(),
            validity(),
            strength(),
            paths())
        .flatMap(List::stream);
  }

  private static List<Case> names() {
    return List.of(
        accepted("san: exact name", ROOT, leaf(SUB, NAMED), SUB),
        accepted("san: other case", ROOT, leaf(SUB, Part.names("MAIL.Contoso.example")), SUB),
        accepted("san: address", ROOT, leaf(SUB, Part.names(ip(ADDRESS))), SUB).dialled(ADDRESS),
        accepted("san: critical", ROOT, leaf(SUB, critical(NAMED)), SUB)
            .because("The Baseline Requirements forbid it beside a subject. RFC 5280 allows it."),
        refused("san: underscore", ROOT, leaf(SUB, Part.names("a_b.contoso.example")), SUB)
            .dialled("a_b.contoso.example"),
        refused(
            "san: mismatch of the domain",
            ROOT,
            leaf(SUB, Part.names("mail.fabrikam.example")),
            SUB),
        refused("san: parent domain", ROOT, leaf(SUB, Part.names("contoso.example")), SUB),
        refused("san: subdomain", ROOT, leaf(SUB, Part.names("a." + HOST)), SUB),
        refused("san: none", ROOT, SUB.issue(HOST), SUB),
        refused("cn: not in san", ROOT, SUB.issue(HOST, Part.names("www.contoso.example")), SUB),
        refused(
            "cn: not in a san of addresses", ROOT, SUB.issue(HOST, Part.names(ip(ADDRESS))), SUB),
        refused("cn: address", ROOT, SUB.issue(ADDRESS, NAMED), SUB).dialled(ADDRESS),
        accepted("cn: differs from the san", ROOT, SUB.issue("www.fabrikam.example", NAMED), SUB)
            .because(
                "Web browsers want the common name among the alternative names (Baseline"
                    + " Requirements). It has no effect here, and private CAs write any text."),
        refused("san: address as a DNS name", ROOT, leaf(SUB, Part.names(ADDRESS)), SUB)
            .dialled(ADDRESS),
        accepted("san: wildcard", ROOT, leaf(SUB, Part.names("*.contoso.example")), SUB),
        refused("san: wildcard for two labels", ROOT, leaf(SUB, Part.names("*.example")), SUB),
        refused(
            "san: wildcard inside a label",
            ROOT,
            leaf(SUB, Part.names("m*l.contoso.example")),
            SUB),
        refused(
            "san: wildcard in the second label",
            ROOT,
            leaf(SUB, Part.names("mail.*.example")),
            SUB),
        refused("san: wildcard only", ROOT, leaf(SUB, Part.names("*")), SUB),
        refused("san: wildcard for a public suffix", ROOT, leaf(SUB, Part.names("*.com")), SUB)
            .dialled("contoso.com"),
        accepted(
                "san: wildcard for a public suffix of two labels",
                ROOT,
                leaf(SUB, Part.names("*.co.uk")),
                SUB)
            .dialled("contoso.co.uk")
            .because(
                "The JDK refuses it only below the roots that it ships. Below other roots the operator"
                    + " decides who signs."),
        refused(
                "san: wildcard inside an A-label",
                ROOT,
                leaf(SUB, Part.names("xn--*.contoso.example")),
                SUB)
            .dialled("xn--bcher-kva.contoso.example"),
        refused("san: not ASCII", ROOT, leaf(SUB, Part.names("\u00fc.contoso.example")), SUB)
            .dialled("xn--tda.contoso.example"),
        refused(
            "san: malformed",
            ROOT,
            leaf(SUB, raw(Extension.subjectAlternativeName, DERNull.INSTANCE)),
            SUB),
        refused(
            "san: one malformed address beside the name",
            ROOT,
            leaf(
                SUB,
                Part.names(
                    dns(HOST),
                    new GeneralName(GeneralName.iPAddress, new DEROctetString(new byte[5])))),
            SUB),
        refused(
            "san: one malformed address beside an excluded name",
            ROOT,
            leafBelowExcluded(
                dns(HOST), new GeneralName(GeneralName.iPAddress, new DEROctetString(new byte[5]))),
            EXCLUDING),
        accepted(
            "san: empty subject",
            ROOT,
            SUB.sign(Issuer.newKey(), "", "SHA256withECDSA", inAnHour(), critical(NAMED)),
            SUB));
  }

  private static final Issuer EXCLUDING =
      ROOT.intermediate("Excluding CA", excluded(dns("contoso.example")));

  private static Issuer leafBelowExcluded(GeneralName... names) {
    return leaf(EXCLUDING, Part.names(names));
  }

  private static List<Case> authorities() {
    Issuer noCa = ROOT.issue("No CA", Part.noCa());
    Issuer plain = ROOT.issue("Plain");
    Issuer signer = ROOT.issue("Signer", Part.keyUsage(KeyUsage.keyCertSign));
    Issuer noSigner = ROOT.intermediate("No signer", Part.keyUsage(KeyUsage.cRLSign));
    Issuer odd = ROOT.intermediate("Odd", unknown(true));
    Issuer lenient = ROOT.intermediate("Lenient", unknown(false));
    return List.of(
        refused("rfc5280: intermediate without the CA bit", ROOT, leaf(noCa, NAMED), noCa),
        refused("rfc5280: intermediate without basic constraints", ROOT, leaf(plain, NAMED), plain),
        refused("rfc5280: key usage alone makes no CA", ROOT, leaf(signer, NAMED), signer),
        refused("rfc5280: intermediate without keyCertSign", ROOT, leaf(noSigner, NAMED), noSigner),
        refused(
            "rfc5280: unknown critical extension of an intermediate", ROOT, leaf(odd, NAMED), odd),
        accepted(
            "rfc5280: unknown extension of an intermediate", ROOT, leaf(lenient, NAMED), lenient),
        refused("rfc5280: unknown critical extension", ROOT, leaf(SUB, NAMED, unknown(true)), SUB),
        accepted("rfc5280: unknown extension", ROOT, leaf(SUB, NAMED, unknown(false)), SUB),
        refused(
            "rfc5280: untrusted root", Issuer.root("Other Root CA"), leaf(SUB, NAMED), SUB, ROOT),
        refused(
            "rfc5280: root of the same name with another key",
            Issuer.root("Root CA"),
            leaf(SUB, NAMED),
            SUB),
        refused(
            "invalid: signed with another key than the issuer's",
            ROOT,
            leaf(new Issuer(Issuer.newKey(), SUB.certificate()), NAMED),
            SUB),
        accepted("rfc5280: no key identifiers and no key usage", ROOT, leaf(SUB, NAMED), SUB)
            .because(
                "RFC 5280 asks key identifiers of CAs. The signatures prove the issuers, and small private"
                    + " CAs write none."),
        refused(
            "rfc5280: critical authority key identifier",
            ROOT,
            leaf(SUB, NAMED, critical(identifier())),
            SUB),
        refused("rfc5280: unknown policy constraints", ROOT, leaf(POLICIES, NAMED), POLICIES),
        accepted(
            "rfc5280: an unrelated certificate has an unknown critical extension",
            ROOT,
            leaf(SUB, NAMED),
            SUB,
            odd),
        accepted(
            "rfc5280: the intermediate is the anchor, and the root is sent",
            SUB,
            leaf(SUB, NAMED),
            ROOT),
        accepted("rfc5280: CA as the leaf", ROOT, leaf(SUB, NAMED, Part.ca()), SUB)
            .because(
                "Only web browsers refuse it (Baseline Requirements). Private servers often have such"
                    + " a certificate, and the names count."),
        accepted(
                "rfc5280: leaf with keyCertSign",
                ROOT,
                leaf(SUB, NAMED, Part.keyUsage(KeyUsage.keyCertSign | KeyUsage.digitalSignature)),
                SUB)
            .because("The JDK uses keyCertSign only of issuers, and the leaf issues nothing."));
  }

  private static Part identifier() {
    return raw(
        Extension.authorityKeyIdentifier, new AuthorityKeyIdentifier(new byte[] {1, 2, 3, 4}));
  }

  private static final Issuer POLICIES =
      ROOT.intermediate(
          "Policies CA",
          critical(
              raw(
                  Extension.policyConstraints,
                  new DERSequence(new DERTaggedObject(false, 0, new ASN1Integer(0))))));

  private static List<Case> pathLengths() {
    Issuer zero = ROOT.intermediate("Zero CA", Part.ca(0));
    Issuer below = zero.intermediate("Below CA");
    Issuer one = ROOT.intermediate("One CA", Part.ca(1));
    Issuer higher = one.intermediate("Higher CA", Part.ca(4));
    Issuer third = higher.intermediate("Third CA");
    Issuer again =
        zero.sign(Issuer.newKey(), "CN=Zero CA", "SHA256withECDSA", inAnHour(), Part.ca(0));
    return List.of(
        accepted("pathlen: 0 with a leaf", ROOT, leaf(zero, NAMED), zero),
        refused("pathlen: 0 with a CA", ROOT, leaf(below, NAMED), below, zero),
        accepted("pathlen: may increase", ROOT, leaf(higher, NAMED), higher, one),
        refused("pathlen: an increase has no effect", ROOT, leaf(third, NAMED), third, higher, one),
        accepted("pathlen: self-issued CA does not count", ROOT, leaf(again, NAMED), again, zero),
        accepted("pathlen: in the leaf has no effect", ROOT, leaf(one, NAMED, Part.ca(7)), one));
  }

  private static List<Case> purposes() {
    Issuer any = ROOT.intermediate("Any CA", Part.usages(KeyPurposeId.anyExtendedKeyUsage));
    Issuer code = ROOT.intermediate("Code CA", Part.usages(KeyPurposeId.id_kp_codeSigning));
    Part server = Part.usages(KeyPurposeId.id_kp_serverAuth);
    return List.of(
        accepted("eku: serverAuth", ROOT, leaf(SUB, NAMED, server), SUB),
        accepted("eku: critical serverAuth", ROOT, leaf(SUB, NAMED, critical(server)), SUB)
            .because("The Baseline Requirements forbid critical. RFC 5280 allows it."),
        accepted("eku: none", ROOT, leaf(SUB, NAMED), SUB)
            .because(
                "The Baseline Requirements want serverAuth. In RFC 5280 no usage means every usage,"
                    + " and private CAs often write none."),
        accepted(
                "eku: any",
                ROOT,
                leaf(SUB, NAMED, Part.usages(KeyPurposeId.anyExtendedKeyUsage)),
                SUB)
            .because("The Baseline Requirements forbid any. RFC 5280 allows it."),
        refused(
            "eku: clientAuth",
            ROOT,
            leaf(SUB, NAMED, Part.usages(KeyPurposeId.id_kp_clientAuth)),
            SUB),
        refused(
            "eku: empty",
            ROOT,
            leaf(SUB, NAMED, raw(Extension.extendedKeyUsage, new DERSequence())),
            SUB),
        accepted("eku: any in an intermediate", ROOT, leaf(any, NAMED, server), any),
        refused("eku: code signing in an intermediate", ROOT, leaf(code, NAMED, server), code));
  }

  private static final String MALFORMED =
      "It is compared as text, and it is never the host of an origin.";

  /** Name constraints in an intermediate and in the root: both have the same result. */
  private static List<Case> constraints() {
    List<Case> cases = new ArrayList<>();
    both(cases, "nc: permitted name", permitted(dns("contoso.example")), true, NAMED);
    both(cases, "nc: permitted parent domain", permitted(dns("example")), true, NAMED);
    both(cases, "nc: permitted host itself", permitted(dns(HOST)), true, NAMED);
    both(
        cases,
        "nc: permitted second",
        permitted(dns("fabrikam.example"), dns("contoso.example")),
        true,
        NAMED);
    both(
        cases,
        "nc: permitted with a leading dot",
        permitted(dns(".contoso.example")),
        true,
        NAMED,
        "RFC 5280 has no leading dot for DNS names, but many CAs write it. All common verifiers read"
            + " it as the subdomains.");
    both(cases, "nc: not permitted", permitted(dns("fabrikam.example")), false, NAMED);
    both(cases, "nc: permitted is no substring", permitted(dns("oso.example")), false, NAMED);
    both(cases, "nc: permitted below", permitted(dns("a." + HOST)), false, NAMED);
    both(
        cases,
        "nc: second name not permitted",
        permitted(dns("contoso.example")),
        false,
        Part.names(HOST, "www.fabrikam.example"));
    both(cases, "nc: excluded", excluded(dns("contoso.example")), false, NAMED);
    both(cases, "nc: excluded in other case", excluded(dns("CONTOSO.example")), false, NAMED);
    both(cases, "nc: excluded second", excluded(dns("fabrikam.example"), dns(HOST)), false, NAMED);
    both(cases, "nc: other name excluded", excluded(dns("fabrikam.example")), true, NAMED);
    both(
        cases,
        "nc: permitted and excluded",
        Part.constraints(List.of(dns("example")), List.of(dns("contoso.example"))),
        false,
        NAMED);
    both(cases, "nc: another kind permitted", permitted(ip("203.0.113.0/24")), true, NAMED);
    both(cases, "nc: another kind excluded", excluded(ip("203.0.113.0/24")), true, NAMED);
    both(
        cases,
        "nc: address permitted",
        permitted(ip("203.0.113.0/24")),
        true,
        Part.names(dns(HOST), ip(ADDRESS)));
    both(
        cases,
        "nc: address not permitted",
        permitted(ip("198.51.100.0/24")),
        false,
        Part.names(dns(HOST), ip(ADDRESS)));
    both(
        cases,
        "nc: address excluded",
        excluded(ip("203.0.113.0/24")),
        false,
        Part.names(dns(HOST), ip(ADDRESS)));
    both(
        cases,
        "nc: IPv6 address permitted",
        permitted(ip("2001:db8::/32")),
        true,
        Part.names(dns(HOST), ip("2001:db8::1")));
    both(
        cases,
        "nc: IPv6 address excluded",
        excluded(ip("2001:db8::/32")),
        false,
        Part.names(dns(HOST), ip("2001:db8::1")));
    both(
        cases,
        "nc: mail address permitted",
        permitted(mail("contoso.example")),
        true,
        Part.names(dns(HOST), mail("a@contoso.example")));
    both(
        cases,
        "nc: mail address not permitted",
        permitted(mail("contoso.example")),
        false,
        Part.names(dns(HOST), mail("a@fabrikam.example")));
    both(
        cases, "nc: directory name not permitted", permitted(directory("O=Contoso")), false, NAMED);
    both(cases, "nc: directory name excluded", excluded(directory("CN=Mail server")), false, NAMED);
    both(
        cases,
        "nc: wildcard permitted",
        permitted(dns("contoso.example")),
        true,
        Part.names("*.contoso.example"));
    both(
        cases,
        "nc: wildcard wider than permitted",
        permitted(dns(HOST)),
        false,
        Part.names("*.contoso.example"));
    both(
        cases,
        "nc: wildcard covers an excluded name",
        excluded(dns("www.contoso.example")),
        false,
        Part.names("*.contoso.example"));
    both(
        cases,
        "nc: wildcard beside an excluded name",
        excluded(dns("a.www.contoso.example")),
        true,
        Part.names("*.contoso.example"));
    both(cases, "nc: otherName excluded, none in the leaf", excluded(other()), true, NAMED);
    both(cases, "nc: otherName excluded", excluded(other()), false, Part.names(dns(HOST), other()));
    both(cases, "nc: base with a wildcard", permitted(dns("*.contoso.example")), false, NAMED);
    both(
        cases,
        "nc: excluded base with a wildcard",
        excluded(dns("*.contoso.example")),
        false,
        NAMED);
    both(cases, "nc: excluded with a leading dot", excluded(dns(".contoso.example")), false, NAMED);
    both(
        cases,
        "nc: malformed address",
        raw(Extension.nameConstraints, malformedAddress()),
        false,
        Part.names(dns(HOST), ip(ADDRESS)));
    both(
        cases,
        "nc: malformed host in the leaf",
        permitted(dns("contoso.example")),
        true,
        Part.names(dns(HOST), dns("bad host.contoso.example")),
        MALFORMED);
    both(
        cases,
        "nc: malformed mail address in the leaf",
        permitted(mail("contoso.example")),
        true,
        Part.names(dns(HOST), mail("contoso.example")),
        MALFORMED);
    both(
        cases,
        "nc: no subtrees",
        raw(Extension.nameConstraints, new DERSequence()),
        true,
        NAMED,
        "RFC 5280 asks for a subtree. Constraints without one limit nothing.");
    cases.add(
        accepted("nc: in the leaf", ROOT, leaf(SUB, NAMED, permitted(dns("fabrikam.example"))), SUB)
            .because(
                "RFC 5280 asks it of the CA. The leaf issues nothing, so its constraints have no effect."));
    both(
        cases,
        "nc: not critical",
        raw(Extension.nameConstraints, permitted(dns("fabrikam.example")).value()),
        false,
        NAMED);
    both(cases, "nc: malformed", raw(Extension.nameConstraints, DERNull.INSTANCE), false, NAMED);
    both(
        cases,
        "nc: all hosts excluded, not critical",
        raw(Extension.nameConstraints, excluded(dns("")).value()),
        false,
        NAMED);
    both(
        cases,
        "nc: distance",
        raw(Extension.nameConstraints, withMinimum("contoso.example")),
        false,
        NAMED);
    Issuer wide = ROOT.intermediate("Wide CA", permitted(dns("contoso.example")));
    Issuer narrow = wide.intermediate("Narrow CA", permitted(dns("www.contoso.example")));
    Issuer wider = narrow.intermediate("Wider CA", permitted(dns("example")));
    cases.add(refused("nc: a CA below narrows", ROOT, leaf(narrow, NAMED), narrow, wide));
    cases.add(
        refused("nc: a CA below widens nothing", ROOT, leaf(wider, NAMED), wider, narrow, wide));
    Issuer limited = Issuer.root("Limited Root CA", permitted(dns("contoso.example")));
    Issuer named = limited.intermediate("Named CA", Part.names("ca.fabrikam.example"));
    cases.add(
        refused(
            "nc: a name of an intermediate is not permitted", limited, leaf(named, NAMED), named));
    Issuer simple = limited.intermediate("IssuingCA1");
    cases.add(
        accepted(
            "nc: the common name of an intermediate is no host",
            limited,
            leaf(simple, NAMED),
            simple));
    Issuer people =
        Issuer.selfSigned(
            Issuer.newKey(),
            "O=Contoso,CN=Root CA",
            inAnHour(),
            Part.ca(),
            permitted(directory("O=Contoso")));
    Issuer rolled =
        people.sign(
            Issuer.newKey(), "O=Contoso,CN=Root CA", "SHA256withECDSA", inAnHour(), Part.ca());
    Issuer inside =
        rolled.sign(
            Issuer.newKey(), "O=Contoso,CN=Mail server", "SHA256withECDSA", inAnHour(), NAMED);
    Issuer outside =
        rolled.sign(Issuer.newKey(), "CN=Mail server", "SHA256withECDSA", inAnHour(), NAMED);
    cases.add(refused("nc: directory name below a self-issued CA", people, outside, rolled));
    cases.add(
        accepted("nc: directory name inside, below a self-issued CA", people, inside, rolled));
    return cases;
  }

  private static ASN1Encodable withMinimum(String domain) {
    return new DERSequence(
        new DERTaggedObject(
            false,
            0,
            new DERSequence(
                new DERSequence(
                    new ASN1Encodable[] {
                      dns(domain), new DERTaggedObject(false, 0, new ASN1Integer(1))
                    }))));
  }

  /** An address of 5 bytes. */
  private static ASN1Encodable malformedAddress() {
    return new NameConstraints(
        null,
        new GeneralSubtree[] {
          new GeneralSubtree(
              new GeneralName(GeneralName.iPAddress, new DEROctetString(new byte[5])))
        });
  }

  private static void both(
      List<Case> cases, String kind, Part limits, boolean accepted, Part names) {
    both(cases, kind, limits, accepted, names, "");
  }

  private static void both(
      List<Case> cases, String kind, Part limits, boolean accepted, Part names, String difference) {
    Issuer sub = ROOT.intermediate("Limited CA", limits);
    Issuer root = Issuer.root("Limited Root CA", limits);
    Issuer below = root.intermediate("Below CA");
    cases.add(
        new Case(kind, accepted, difference, HOST, List.of(ROOT), List.of(leaf(sub, names), sub)));
    cases.add(
        new Case(
            kind + ", in the root",
            accepted,
            difference,
            HOST,
            List.of(root),
            List.of(leaf(below, names), below)));
  }

  private static List<Case> roots() {
    Issuer zero = Issuer.root("Zero Root CA", Part.ca(0));
    Issuer below = zero.intermediate("Below CA");
    Issuer rolled =
        zero.sign(Issuer.newKey(), "CN=Zero Root CA", "SHA256withECDSA", inAnHour(), Part.ca());
    Issuer plain = Issuer.selfSigned(Issuer.newKey(), "CN=Plain Root", inAnHour());
    Issuer noCa = Issuer.selfSigned(Issuer.newKey(), "CN=No CA", inAnHour(), Part.noCa(), NAMED);
    Issuer renewed =
        Issuer.selfSigned(noCa.key(), "CN=No CA", inAnHour(), Part.names("www.contoso.example"));
    Issuer noSigner = Issuer.root("No signer", Part.keyUsage(KeyUsage.cRLSign));
    Issuer clients = Issuer.root("Clients", Part.usages(KeyPurposeId.id_kp_clientAuth));
    Issuer servers = Issuer.root("Servers", Part.usages(KeyPurposeId.id_kp_serverAuth));
    Issuer odd = Issuer.root("Odd", unknown(true));
    Issuer soft =
        Issuer.selfSigned(
            Issuer.newKey(),
            "CN=Soft",
            inAnHour(),
            raw(Extension.basicConstraints, new BasicConstraints(true)));
    Issuer expired =
        Issuer.selfSigned(Issuer.newKey(), "CN=Expired", Instant.now().minusSeconds(60), Part.ca());
    Issuer device = Issuer.selfSigned(Issuer.newKey(), "CN=Device", inAnHour(), Part.ca(), NAMED);
    Issuer deviceAgain = Issuer.selfSigned(device.key(), "CN=Device", inAnHour(), Part.ca(), NAMED);
    Issuer limited =
        Issuer.selfSigned(
            Issuer.newKey(),
            "CN=Limited",
            inAnHour(),
            Part.ca(),
            permitted(dns("fabrikam.example")));
    Issuer escaped = Issuer.selfSigned(limited.key(), "CN=Limited", inAnHour(), Part.ca(), NAMED);
    KeyPair shared = Issuer.newKey();
    Issuer strict = Issuer.root(shared, "Shared", permitted(dns("fabrikam.example")));
    Issuer free = Issuer.root(shared, "Shared");
    return List.of(
        accepted("root: path length 0 with a leaf", zero, leaf(zero, NAMED)),
        refused("root: path length 0 with a CA", zero, leaf(below, NAMED), below),
        accepted("root: path length 0 with a self-issued CA", zero, leaf(rolled, NAMED), rolled),
        refused("rfc5280: root without basic constraints", plain, leaf(plain, NAMED)),
        refused("rfc5280: root without the CA bit", noCa, leaf(noCa, NAMED)),
        refused("rfc5280: root without keyCertSign", noSigner, leaf(noSigner, NAMED)),
        refused("root: for TLS clients only", clients, leaf(clients, NAMED)),
        accepted("root: for TLS servers", servers, leaf(servers, NAMED))
            .because(
                "The Baseline Requirements forbid extended key usage in a public root. Private roots"
                    + " have it, and so has the CA of this program."),
        refused("rfc5280: unknown critical extension of the root", odd, leaf(odd, NAMED)),
        accepted("rfc5280: basic constraints of the root are not critical", soft, leaf(soft, NAMED))
            .because(
                "RFC 5280 asks it of the CA. The extension has the same meaning, and old roots lack it."),
        accepted("validity: expired root", expired, leaf(expired, NAMED))
            .because(
                "The operator chose the anchor. RFC 5937 lists no validity among the limits of an anchor,"
                    + " and the JDK does not check it either."),
        accepted("root: the leaf is the anchor", noCa, noCa),
        refused("root: subject and key of an anchor that is no CA, other name", noCa, renewed)
            .dialled("www.contoso.example"),
        accepted("root: renewed by an anchor that is a CA", device, deviceAgain),
        refused("root: subject and key of a limited anchor", limited, escaped),
        refused("root: two with one key, both limited", strict, leaf(strict, NAMED)),
        new Case(
            "root: two with one key, one limited",
            true,
            "",
            HOST,
            List.of(strict, free),
            List.of(leaf(free, NAMED))));
  }

  private static List<Case> validity() {
    Instant past = Instant.now().minusSeconds(5);
    Issuer old = ROOT.sign(Issuer.newKey(), "CN=Old CA", "SHA256withECDSA", past, Part.ca());
    Issuer renewed = ROOT.sign(old.key(), "CN=Old CA", "SHA256withECDSA", inAnHour(), Part.ca());
    return List.of(
        refused(
            "validity: leaf expired 5 seconds ago",
            ROOT,
            SUB.issue("Mail server", past, NAMED),
            SUB),
        refused("validity: intermediate expired 5 seconds ago", ROOT, leaf(old, NAMED), old),
        accepted(
            "pathological: two intermediates, the first has expired",
            ROOT,
            leaf(old, NAMED),
            old,
            renewed));
  }

  private static List<Case> strength() {
    Issuer rsaRoot = Issuer.root(rsa(2048), "RSA Root CA");
    KeyPair own = Issuer.newKey();
    Issuer weakRoot = Issuer.root(rsa(1024), "Weak Root CA");
    Issuer weakSub =
        ROOT.sign(rsa(1024), "CN=Weak Sub CA", "SHA256withECDSA", inAnHour(), Part.ca());
    return List.of(
        accepted(
            "webpki: RSA with SHA-256",
            rsaRoot,
            rsaRoot.sign(own, "CN=x", "SHA256withRSA", inAnHour(), NAMED)),
        refused(
            "webpki: RSA with SHA-1",
            rsaRoot,
            rsaRoot.sign(own, "CN=x", "SHA1withRSA", inAnHour(), NAMED)),
        refused(
            "webpki: RSA with MD5",
            rsaRoot,
            rsaRoot.sign(own, "CN=x", "MD5withRSA", inAnHour(), NAMED)),
        refused(
            "webpki: ECDSA with SHA-1",
            ROOT,
            ROOT.sign(own, "CN=x", "SHA1withECDSA", inAnHour(), NAMED)),
        accepted(
            "webpki: RSASSA-PSS with SHA-256",
            rsaRoot,
            rsaRoot.sign(own, "CN=x", "RSASSA-PSS with SHA-256", inAnHour(), NAMED)),
        refused(
            "webpki: RSASSA-PSS with SHA-1",
            rsaRoot,
            rsaRoot.sign(own, "CN=x", "RSASSA-PSS with SHA-1", inAnHour(), NAMED)),
        accepted("webpki: RSA-1024 in the root", weakRoot, leaf(weakRoot, NAMED))
            .because("The operator chose the anchor, and the JDK does not check its key either."),
        refused("webpki: RSA-1024 in an intermediate", ROOT, leaf(weakSub, NAMED), weakSub),
        refused("webpki: RSA-1024 in the leaf", ROOT, leaf(rsa(1024), NAMED), SUB),
        accepted("webpki: RSA-2049 in the leaf", ROOT, leaf(rsa(2049), NAMED), SUB)
            .because("The Baseline Requirements want a multiple of 8. More bits are not weaker."),
        accepted(
            "webpki: P-384 in the leaf",
            ROOT,
            leaf(Issuer.newKey("EC", new ECGenParameterSpec("secp384r1")), NAMED),
            SUB));
  }

  private static List<Case> paths() {
    // CVE-2024-0567: two CAs have signed each other, and one of them is trusted.
    KeyPair keyA = Issuer.newKey();
    KeyPair keyB = Issuer.newKey();
    Issuer rootA = Issuer.root(keyA, "A");
    Issuer rootB = Issuer.root(keyB, "B");
    Issuer signedByB = rootB.sign(keyA, "CN=A", "SHA256withECDSA", inAnHour(), Part.ca());
    Issuer signedByA = rootA.sign(keyB, "CN=B", "SHA256withECDSA", inAnHour(), Part.ca());
    Issuer forbidden = rootA.intermediate("Forbidden CA", excluded(dns("contoso.example")));
    Issuer allowed =
        rootB.sign(forbidden.key(), "CN=Forbidden CA", "SHA256withECDSA", inAnHour(), Part.ca());
    Issuer leaf = leaf(signedByB, NAMED);
    return List.of(
        accepted("pathbuilding: in another order", ROOT, leafBelowTwo(), LOWER, UPPER),
        accepted(
            "pathbuilding: with an unrelated certificate", ROOT, leaf(SUB, NAMED), EXCLUDING, SUB),
        accepted("rfc5280: with the root", ROOT, leaf(SUB, NAMED), SUB, ROOT),
        refused("pathbuilding: intermediate is missing", ROOT, leaf(SUB, NAMED)),
        accepted(
            "cve-2024-0567: CAs that have signed each other", rootA, leaf, signedByB, signedByA),
        refused("pathological: a circle without a trusted root", ROOT, leaf, signedByB, signedByA),
        new Case(
            "nc: another path without the constraints",
            true,
            "",
            HOST,
            List.of(rootA, rootB),
            List.of(leaf(forbidden, NAMED), forbidden, allowed)));
  }

  private static final Issuer UPPER = ROOT.intermediate("Upper CA");
  private static final Issuer LOWER = UPPER.intermediate("Lower CA");

  private static Issuer leafBelowTwo() {
    return leaf(LOWER, NAMED);
  }

  private static boolean isAccepted(Case each) throws Exception {
    return refusalOf(each) == null;
  }

  /** Returns null if the origin is accepted. */
  private static Throwable refusalOf(Case each) throws Exception {
    try (TlsContexts contexts =
        new TlsContexts(
            OriginTrust.of(each.trusted().stream().map(Issuer::certificate).toList()),
            TlsVersion.TLS_1_3)) {
      SSLEngine origin =
          contexts
              .originate(
                  UnpooledByteBufAllocator.DEFAULT,
                  null,
                  each.host(),
                  443,
                  List.of(),
                  null,
                  TIMEOUT)
              .engine();
      SSLEngine server = ServerEngine.of(SslContextBuilder.forServer(new AnyChain(each.shown())));
      Throwable refusal = catchThrowable(() -> InMemoryHandshake.run(origin, server));
      if (refusal != null) {
        assertThat(refusal).hasStackTraceContaining("CertificateException");
      }
      return refusal;
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void acceptsOnlyTheseChains(Case each) throws Exception {
    assertThat(isAccepted(each)).as(each.kind()).isEqualTo(each.accepted());
  }

  @ParameterizedTest
  @CsvSource({"6, false", "9, false", "6, true", "9, true"})
  void acceptsNineIntermediatesInAnyOrder(int intermediates, boolean swapped) throws Exception {
    assertThat(refusalOf(longChain(intermediates, swapped))).isNull();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void explainsThatTenIntermediatesAreTooMany(boolean swapped) throws Exception {
    assertThat(OriginFailures.of(refusalOf(longChain(10, swapped))).why().text())
        .isEqualTo(
            "the origin sends more than 9 intermediate certificates, or an untrusted issuer;"
                + " install a shorter chain on the origin: the first 10 certificates are read");
  }

  private static Case longChain(int intermediates, boolean swapped) {
    List<Issuer> shown = new ArrayList<>();
    Issuer issuer = ROOT;
    for (int each = 0; each < intermediates; each++) {
      issuer = issuer.intermediate("Sub CA " + each);
      shown.add(0, issuer);
    }
    shown.add(0, leaf(issuer, NAMED));
    if (swapped) {
      Collections.swap(shown, 1, intermediates - 1);
    }
    return accepted("pathbuilding: long", ROOT, shown.toArray(Issuer[]::new));
  }

  /** Presents a chain in any order, which a key store would refuse. */
  private static final class AnyChain extends X509ExtendedKeyManager {
    private final List<Issuer> shown;

    AnyChain(List<Issuer> shown) {
      this.shown = shown;
    }

    @Override
    public String chooseEngineServerAlias(String type, Principal[] issuers, SSLEngine engine) {
      return "origin";
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return shown.stream().map(Issuer::certificate).toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return shown.get(0).key().getPrivate();
    }

    @Override
    public String[] getServerAliases(String type, Principal[] issuers) {
      return new String[] {"origin"};
    }

    @Override
    public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
      throw new UnsupportedOperationException();
    }

    @Override
    public String[] getClientAliases(String type, Principal[] issuers) {
      throw new UnsupportedOperationException();
    }

    @Override
    public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
      throw new UnsupportedOperationException();
    }
  }
}
