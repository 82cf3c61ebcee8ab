package org.tlsuplift.proxy.ca;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.operator.OperatorCreationException;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;

/** Writes the self-signed certificate of a new local CA. */
public final class RootCertificate {
  /** A top-level domain that never resolves (RFC 6761 section 6.4). */
  private static final String NO_NAME = "invalid";

  /**
   * Kinds of names that a leaf never has.
   *
   * <p>They are limited to hosts that cannot exist. An exclusion of all hosts is not possible,
   * because no excluded subtree means "all" to every verifier: the JDK cannot parse an empty one,
   * and for OpenSSL an empty one or "." matches no host.
   */
  private static final List<Integer> NEVER_SIGNED =
      List.of(GeneralName.rfc822Name, GeneralName.uniformResourceIdentifier);

  private static final List<String> EVERY_ADDRESS = List.of("0.0.0.0/0", "::/0");

  private RootCertificate() {}

  /**
   * Signs the certificate with its own key.
   *
   * @throws OperatorException when the settings leave nothing to sign, or no time to do so
   */
  public static X509Certificate selfSigned(CaSettings settings, KeyPair key, Instant now)
      throws OperatorException {
    Instant end = now.plus(settings.lifetime());
    if (end.isAfter(CaSettings.LAST_UTC_TIME)) {
      end = CaSettings.LAST_UTC_TIME;
    }
    if (!now.isBefore(end) || now.isBefore(settings.validFrom())) {
      throw new OperatorException(
          ("the clock says %s, but a local CA is valid from %s until %s; set this machine's "
                  + "clock")
              .formatted(now, settings.validFrom(), end));
    }
    try {
      SubjectKeyIdentifier keyId =
          new JcaX509ExtensionUtils().createSubjectKeyIdentifier(key.getPublic());
      X500Name subject = subject(settings, keyId);
      return new CertificateDraft(
              subject,
              settings.extensions().nextSerial(),
              settings.validFrom(),
              end,
              subject,
              key.getPublic(),
              extensions(settings, keyId))
          .sign(settings.signature().with(key.getPublic()), key.getPrivate());
    } catch (GeneralSecurityException | OperatorCreationException | IOException failed) {
      throw new OperatorException("this Java cannot sign the CA certificate: " + failed, failed);
    }
  }

  private static List<Extension> extensions(CaSettings settings, SubjectKeyIdentifier keyId)
      throws IOException, OperatorException {
    List<Extension> extensions = new ArrayList<>();
    if (settings.extensions() != Extensions.NONE) {
      // Path length 0, so that a thief of a leaf key cannot make another CA.
      extensions.add(Extension.create(Extension.basicConstraints, true, new BasicConstraints(0)));
    }
    if (settings.extensions() == Extensions.ALL) {
      extensions.add(
          Extension.create(
              Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign)));
      // Verifiers that nest extended key usages then accept leaves only of TLS servers.
      extensions.add(
          Extension.create(
              Extension.extendedKeyUsage,
              false,
              new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth)));
      extensions.add(Extension.create(Extension.subjectKeyIdentifier, false, keyId));
    }
    if (settings.nameConstraints()) {
      // RFC 5280 section 4.2.1.10: they must be critical, so some old devices refuse the CA.
      extensions.add(
          Extension.create(
              Extension.nameConstraints, true, constraints(settings.permittedNames())));
    }
    return extensions;
  }

  /**
   * Two CAs of one host must not share a subject, because devices that find an issuer by name would
   * try the replaced CA.
   */
  private static X500Name subject(CaSettings settings, SubjectKeyIdentifier keyId) {
    X500NameBuilder builder = new X500NameBuilder(BCStyle.INSTANCE);
    String key = HexFormat.of().formatHex(keyId.getKeyIdentifier(), 0, 4);
    DistinguishedNames.add(builder, BCStyle.OU, "key " + key);
    DistinguishedNames.add(builder, BCStyle.CN, settings.commonName());
    return builder.build();
  }

  private static NameConstraints constraints(PermittedNames names) throws OperatorException {
    if (names.isEmpty()) {
      throw new OperatorException(
          "the routes leave no name that the local CA could sign for; add a route, or set"
              + " certificateAuthority.nameConstraints: false");
    }
    List<GeneralSubtree> permitted = new ArrayList<>();
    List<GeneralSubtree> excluded = new ArrayList<>();
    // A kind of name without a subtree would have no restriction.
    List<String> suffixes = names.dnsSuffixes().isEmpty() ? List.of(NO_NAME) : names.dnsSuffixes();
    for (String suffix : suffixes) {
      if (suffixes.stream().noneMatch(other -> suffix.endsWith("." + other))) {
        permitted.add(new GeneralSubtree(new GeneralName(GeneralName.dNSName, suffix)));
      }
    }
    for (int kind : NEVER_SIGNED) {
      permitted.add(new GeneralSubtree(new GeneralName(kind, NO_NAME)));
    }
    names.blocks().forEach(block -> permitted.add(subtree(block)));
    for (String every : EVERY_ADDRESS) {
      AddressBlock all = AddressBlock.parse(every);
      if (names.blocks().stream().noneMatch(all::contains)) {
        excluded.add(subtree(all));
      }
    }
    return new NameConstraints(array(permitted), array(excluded));
  }

  /** Null if empty, because a sequence of subtrees has at least one (RFC 5280 section 4.2.1.10). */
  private static GeneralSubtree @Nullable [] array(List<GeneralSubtree> subtrees) {
    return subtrees.isEmpty() ? null : subtrees.toArray(GeneralSubtree[]::new);
  }

  private static GeneralSubtree subtree(AddressBlock block) {
    return new GeneralSubtree(
        new GeneralName(GeneralName.iPAddress, new DEROctetString(block.toConstraint())));
  }
}
