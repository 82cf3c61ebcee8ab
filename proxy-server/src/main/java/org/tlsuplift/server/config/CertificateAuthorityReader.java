package org.tlsuplift.server.config;

import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.config.yaml.Words;

/** Reads who signs, and refuses the keys of the other way of having a CA. */
final class CertificateAuthorityReader {
  private static final String OWN =
      "it is for a CA made here, and this one is given by 'certificate' or 'pkcs12'";

  private CertificateAuthorityReader() {}

  static CertificateAuthorityConfig read(Section section, CertificateAuthorityConfig defaults) {
    if (section.has("certificate") || section.has("pkcs12")) {
      section.refuse("keyAlgorithm", OWN);
      section.refuse("nameConstraints", OWN);
    }
    KeyFiles files = KeyFilesReader.read(section, "signs with");
    CertificateAuthorityConfig authority =
        new CertificateAuthorityConfig(
            section
                .word("keyAlgorithm", Words.of(CertificateAuthorityConfig.KeyAlgorithm.values()))
                .orElse(defaults.keyAlgorithm()),
            section
                .word(
                    "signature",
                    Words.of(CertificateAuthorityConfig.Signature.values())
                        .refusing("who can forge it can sign as the CA of all devices", "SHA1"))
                .orElse(defaults.signature()),
            section.flag("nameConstraints", defaults.nameConstraints()),
            files.certificate(),
            files.key(),
            files.pkcs12(),
            files.passwordFile());
    section.end();
    return authority;
  }
}
