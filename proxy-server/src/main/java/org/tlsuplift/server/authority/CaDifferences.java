package org.tlsuplift.server.authority;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.tlsuplift.proxy.ca.Extensions;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.ca.SignatureHash;

/**
 * The differences between an existing CA, which stays unchanged, and a CA with the current
 * settings.
 *
 * <p>Subject and validity are not compared, because they depend on the machine's name and the date.
 */
final class CaDifferences {
  private CaDifferences() {}

  /**
   * The differences, such as {@code keyAlgorithm EC-P256 (now RSA-2048)}.
   *
   * @param nameConstraints whether a new CA would have any
   * @return the differences with the configuration's key names; empty if there are none
   */
  static List<String> of(
      IssuingCa ca,
      KeyAlgorithm key,
      SignatureHash signature,
      boolean nameConstraints,
      Extensions extensions) {
    List<String> differences = new ArrayList<>();
    X509Certificate made = ca.certificate();
    add(differences, "keyAlgorithm", KeyAlgorithm.describe(made.getPublicKey()), key.toString());
    add(differences, "signature", hash(made), signature.toString());
    add(
        differences,
        "name constraints",
        some(!ca.nameConstraints().isEmpty()),
        some(nameConstraints));
    add(differences, "extensions", word(extensions(made)), word(extensions));
    return differences;
  }

  /**
   * The limits that a new CA would have and this older CA lacks, such as {@code to TLS servers}.
   * The older CA still works.
   *
   * @return empty if there are none, or if the CA has few extensions on purpose
   */
  static List<String> missingLimits(IssuingCa ca) {
    List<String> missing = new ArrayList<>();
    X509Certificate made = ca.certificate();
    if (extensions(made) == Extensions.ALL
        && made.getExtensionValue(Extension.extendedKeyUsage.getId()) == null) {
      missing.add("to TLS servers (extended key usage)");
    }
    if (made.getExtensionValue(Extension.nameConstraints.getId()) != null
        && !ca.constrains(GeneralName.rfc822Name)) {
      missing.add("to names without mail addresses and URIs (name constraints)");
    }
    return missing;
  }

  private static void add(List<String> differences, String what, String made, String now) {
    if (!made.equals(now)) {
      differences.add(what + " " + made + " (now " + now + ")");
    }
  }

  /** The hash in a name such as SHA256withRSA. */
  private static String hash(X509Certificate made) {
    return made.getSigAlgName().replaceFirst("(?i)with.*", "");
  }

  private static String some(boolean any) {
    return any ? "some" : "none";
  }

  private static String word(Extensions extensions) {
    return extensions.name().toLowerCase(Locale.ROOT);
  }

  private static Extensions extensions(X509Certificate made) {
    if (made.getVersion() < 3) {
      return Extensions.NONE;
    }
    return made.getKeyUsage() == null ? Extensions.MINIMAL : Extensions.ALL;
  }
}
