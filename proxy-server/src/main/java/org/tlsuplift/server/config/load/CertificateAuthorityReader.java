package org.tlsuplift.server.config.load;

import java.util.List;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.ca.SignatureHash;
import org.tlsuplift.server.config.CertificateAuthorityConfig;
import org.tlsuplift.server.config.KeyFiles;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.config.yaml.Words;

/** Reads the authority, and refuses the keys of the other kind of authority. */
final class CertificateAuthorityReader {
  private static final String OWN =
      "it is for a CA made here, and this one is given by 'certificate' or 'pkcs12'";

  private static final Words<KeyAlgorithm> KEYS =
      Words.of(
          List.of(
              KeyAlgorithm.RSA_2048,
              KeyAlgorithm.RSA_3072,
              KeyAlgorithm.RSA_4096,
              KeyAlgorithm.EC_P256),
          KeyAlgorithm::toString);
  private static final Words<SignatureHash> SIGNATURES =
      Words.of(List.of(SignatureHash.SHA256, SignatureHash.SHA384), SignatureHash::toString)
          .refusing("who can forge it can sign as the CA of all devices", "SHA1");

  private CertificateAuthorityReader() {}

  static CertificateAuthorityConfig read(Section section) {
    if (section.has("certificate") || section.has("pkcs12")) {
      section.refuse("keyAlgorithm", OWN);
      section.refuse("nameConstraints", OWN);
    }
    KeyFiles files = KeyFilesReader.read(section, "signs with");
    CertificateAuthorityConfig authority =
        new CertificateAuthorityConfig(
            section.word("keyAlgorithm", KEYS).orElseThrow(),
            section.word("signature", SIGNATURES).orElseThrow(),
            section.flag("nameConstraints"),
            files.certificate(),
            files.key(),
            files.pkcs12(),
            files.passwordFile());
    section.end();
    return authority;
  }
}
