package org.tlsuplift.server.it.lab;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.interfaces.ECPrivateKey;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.tlsuplift.proxy.testing.Issuer;
import org.tlsuplift.proxy.testing.Issuer.Part;
import org.tlsuplift.proxy.testing.Issuer.Validity;

/** Issues the certificates of origins: good ones, and each kind of bad one. */
public final class TestCa {
  private static final Validity GOOD = Validity.ofDays(-1, 5);

  private final Lab lab;
  private final Issuer root;
  private final Path file;

  public TestCa(Lab lab) {
    this(lab, "Origins of the test");
  }

  /** A new root with a name of its own, for servers that know more than one. */
  public TestCa(Lab lab, String name) {
    this.lab = lab;
    KeyPair key = lab.rsaKey();
    root =
        Issuer.selfSigned(
            key,
            "CN=" + name,
            Validity.ofDays(-1, 10),
            Part.ca(),
            keyId(key),
            Part.keyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
    this.file = lab.file("origins-ca.pem", pem(root.certificate()));
  }

  /** The root's certificate in PEM. */
  public Path file() {
    return file;
  }

  /** A good certificate for these names or addresses. */
  public Identity issue(String... names) {
    return issue(GOOD, names);
  }

  /** One whose time is nearly over. */
  public Identity ending(String... names) {
    return issue(Validity.ofDays(-30, 5), names);
  }

  /** One whose time was over yesterday. */
  public Identity expired(String... names) {
    return issue(Validity.ofDays(-5, -1), names);
  }

  /** One that no CA has signed. */
  public Identity selfSigned(String... names) {
    KeyPair own = lab.rsaKey();
    return identity(Issuer.selfSigned(own, "CN=" + names[0], GOOD, parts(own, own, names)));
  }

  /** A good one with another key, or signed with another hash. */
  public Identity issue(LeafKind kind, String... names) {
    return issue(kind.newKey(), kind.hash(), GOOD, names);
  }

  private Identity issue(Validity validity, String... names) {
    return issue(lab.rsaKey(), "SHA256", validity, names);
  }

  private Identity issue(KeyPair own, String hash, Validity validity, String... names) {
    return identity(
        root.sign(
            own, "CN=" + names[0], hash + "withRSA", validity, parts(own, root.key(), names)));
  }

  private Identity identity(Issuer leaf) {
    return new Identity(lab, leaf.privateKey(), leaf.certificate());
  }

  /** What a strict program requires, such as Python from 3.13 (RFC 5280 section 4.2.1). */
  private static Part[] parts(KeyPair own, KeyPair issuer, String... names) {
    return new Part[] {
      Part.noCa(),
      Part.namesAndAddresses(names),
      keyId(own),
      new Part(
          Extension.authorityKeyIdentifier,
          false,
          keys().createAuthorityKeyIdentifier(issuer.getPublic()))
    };
  }

  private static Part keyId(KeyPair own) {
    return new Part(
        Extension.subjectKeyIdentifier, false, keys().createSubjectKeyIdentifier(own.getPublic()));
  }

  private static JcaX509ExtensionUtils keys() {
    try {
      return new JcaX509ExtensionUtils();
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
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
