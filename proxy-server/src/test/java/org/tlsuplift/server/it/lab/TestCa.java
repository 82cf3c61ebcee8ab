package org.tlsuplift.server.it.lab;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Issues the certificates of origins: good ones, and each kind of bad one. */
public final class TestCa {
  private static final Duration DAY = Duration.ofDays(1);
  private static final String SIGNATURE = "SHA256withRSA";

  private final Lab lab;
  private final KeyPair key;
  private final X500Principal name;
  private final X509Certificate certificate;
  private final Path file;
  private int serial = 1;

  public TestCa(Lab lab) {
    this(lab, "Origins of the test");
  }

  /** A new root with a name of its own, for servers that know more than one. */
  public TestCa(Lab lab, String name) {
    this.lab = lab;
    this.key = lab.rsaKey();
    this.name = new X500Principal("CN=" + name);
    this.certificate = sign(this.name, key, key, now(-1), now(10), true);
    this.file = lab.file("origins-ca.pem", pem(certificate));
  }

  /** The root's certificate in PEM. */
  public Path file() {
    return file;
  }

  /** A good certificate for these names or addresses. */
  public Identity issue(String... names) {
    return issue(now(-1), now(5), names);
  }

  /** One whose time is nearly over. */
  public Identity ending(String... names) {
    return issue(now(-30), now(5), names);
  }

  /** One whose time was over yesterday. */
  public Identity expired(String... names) {
    return issue(now(-5), now(-1), names);
  }

  /** One that nobody vouches for. */
  public Identity selfSigned(String... names) {
    KeyPair own = lab.rsaKey();
    X500Principal subject = new X500Principal("CN=" + names[0]);
    serial++;
    X509Certificate leaf =
        signAs(subject, subject, own, own, SIGNATURE, now(-1), now(5), false, names);
    return new Identity(lab, own.getPrivate(), leaf);
  }

  /** A good one with another key, or signed with another hash. */
  public Identity issue(LeafKind kind, String... names) {
    KeyPair own = kind.newKey();
    X500Principal subject = new X500Principal("CN=" + names[0]);
    serial++;
    X509Certificate leaf =
        signAs(name, subject, own, key, kind.hash() + "withRSA", now(-1), now(5), false, names);
    return new Identity(lab, own.getPrivate(), leaf);
  }

  private Identity issue(Instant from, Instant to, String... names) {
    KeyPair own = lab.rsaKey();
    X500Principal subject = new X500Principal("CN=" + names[0]);
    return new Identity(lab, own.getPrivate(), sign(subject, own, key, from, to, false, names));
  }

  private X509Certificate sign(
      X500Principal subject,
      KeyPair own,
      KeyPair issuer,
      Instant from,
      Instant to,
      boolean authority,
      String... names) {
    serial++;
    return signAs(name, subject, own, issuer, SIGNATURE, from, to, authority, names);
  }

  private X509Certificate signAs(
      X500Principal issuerName,
      X500Principal subject,
      KeyPair own,
      KeyPair issuer,
      String algorithm,
      Instant from,
      Instant to,
      boolean authority,
      String... names) {
    try {
      var builder =
          new JcaX509v3CertificateBuilder(
              issuerName,
              BigInteger.valueOf(serial),
              Date.from(from),
              Date.from(to),
              subject,
              own.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
      if (names.length > 0) {
        builder.addExtension(Extension.subjectAlternativeName, false, alternatives(names));
      }
      // What a strict program requires, such as Python from 3.13 (RFC 5280 section 4.2.1).
      JcaX509ExtensionUtils keys = new JcaX509ExtensionUtils();
      builder.addExtension(
          Extension.subjectKeyIdentifier, false, keys.createSubjectKeyIdentifier(own.getPublic()));
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          keys.createAuthorityKeyIdentifier(issuer.getPublic()));
      if (authority) {
        builder.addExtension(
            Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      }
      var signer = new JcaContentSignerBuilder(algorithm).build(issuer.getPrivate());
      return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
    } catch (IOException | GeneralSecurityException | OperatorCreationException broken) {
      throw new IllegalStateException(broken);
    }
  }

  private static GeneralNames alternatives(String... names) {
    return new GeneralNames(
        Arrays.stream(names)
            .map(
                name ->
                    new GeneralName(
                        name.matches("[0-9.]+|.*:.*") ? GeneralName.iPAddress : GeneralName.dNSName,
                        name))
            .toArray(GeneralName[]::new));
  }

  private static Instant now(int days) {
    return Instant.now().plus(DAY.multipliedBy(days));
  }

  /** Any key or certificate as PEM text. */
  public static String pem(Object thing) {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      // Of an EC key of the JDK the traditional form would lack the curve.
      writer.writeObject(
          thing instanceof ECPrivateKey key ? new JcaPKCS8Generator(key, null) : thing);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return text.toString();
  }
}
