package org.tlsuplift.server.config.load;

import java.util.List;
import java.util.Set;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.ca.SignatureHash;
import org.tlsuplift.server.config.CertificateAuthorityConfig;
import org.tlsuplift.server.config.KeyFiles;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.config.yaml.Words;

/** Reads {@code certificateAuthority}, and refuses keys of the other kind of CA. */
final class CertificateAuthorityReader {
  private static final String OWN =
      "it is for a CA that the daemon creates; remove it, or remove 'certificate' and 'pkcs12'";

  private static final Words<KeyAlgorithm> KEYS =
      Words.of(
          List.of(
              KeyAlgorithm.RSA_2048,
              KeyAlgorithm.RSA_3072,
              KeyAlgorithm.RSA_4096,
              KeyAlgorithm.EC_P256),
          KeyAlgorithm::toString);
  private static final List<KeyAlgorithm> USUAL = List.of(KeyAlgorithm.RSA_2048);
  private static final List<KeyAlgorithm> USUAL_AND_EC =
      List.of(KeyAlgorithm.RSA_2048, KeyAlgorithm.EC_P256);
  private static final String LEAF_KEYS = "[RSA-2048] or [RSA-2048, EC-P256]";
  private static final Words<SignatureHash> SIGNATURES =
      Words.of(List.of(SignatureHash.SHA256, SignatureHash.SHA384), SignatureHash::toString)
          .refusing(
              "SHA1 signatures can be forged, and all devices trust this CA; use SHA256", "SHA1");

  private CertificateAuthorityReader() {}

  static CertificateAuthorityConfig read(Section section) {
    if (section.has("certificate") || section.has("pkcs12")) {
      section.refuse("keyAlgorithm", OWN);
      section.refuse("nameConstraints", OWN);
    }
    KeyFiles files = KeyFilesReader.read(section);
    CertificateAuthorityConfig authority =
        new CertificateAuthorityConfig(
            section.word("keyAlgorithm", KEYS).orElseThrow(),
            section.word("signature", SIGNATURES).orElseThrow(),
            leafKeys(section),
            section.flag("nameConstraints"),
            files.certificate(),
            files.key(),
            files.pkcs12(),
            files.passwordFile());
    section.end();
    return authority;
  }

  private static List<KeyAlgorithm> leafKeys(Section section) {
    List<KeyAlgorithm> keys =
        section.list(
            "leafKeys",
            LEAF_KEYS,
            key ->
                KeyAlgorithm.of(key)
                    .filter(USUAL_AND_EC::contains)
                    .orElseThrow(() -> new IllegalArgumentException(key)));
    boolean allowed = keys.equals(USUAL) || Set.copyOf(keys).equals(Set.copyOf(USUAL_AND_EC));
    if ((!allowed || keys.size() > USUAL_AND_EC.size()) && section.clean("leafKeys")) {
      section.contradiction("leafKeys", LEAF_KEYS, "many devices support no key but RSA");
    }
    return List.copyOf(keys);
  }
}
