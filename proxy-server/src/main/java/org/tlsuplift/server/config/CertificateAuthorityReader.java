package org.tlsuplift.server.config;

import java.nio.file.Path;

/** Reads who signs, and refuses the keys of the other way of having a CA. */
final class CertificateAuthorityReader {
  private static final String OWN =
      "it is for a CA made here, and this one is given by 'certificate' or 'pkcs12'";

  private CertificateAuthorityReader() {}

  static ServerConfig.CertificateAuthority read(
      Section section, ServerConfig.CertificateAuthority defaults) {
    boolean pem = section.has("certificate");
    boolean pkcs12 = section.has("pkcs12");
    if (pem || pkcs12) {
      section.refuse("keyAlgorithm", OWN);
      section.refuse("nameConstraints", OWN);
    } else {
      section.refuse("passwordFile", "there is no 'pkcs12' and no 'key' for it");
    }
    if (pem && pkcs12) {
      section.refuse("pkcs12", "'certificate' is given too; keep one of the two");
    }
    if (pem && !section.has("key")) {
      section.missing("key", ConfigReader.PATH, "a 'certificate' needs the key it signs with");
    }
    if (!pem) {
      section.refuse("key", "there is no 'certificate' for it");
    }
    if (pkcs12 && !section.has("passwordFile")) {
      section.missing("passwordFile", ConfigReader.PATH, "a 'pkcs12' file has a password");
    }
    ServerConfig.CertificateAuthority authority =
        new ServerConfig.CertificateAuthority(
            section
                .word("keyAlgorithm", Words.of(ServerConfig.KeyAlgorithm.values()))
                .orElse(defaults.keyAlgorithm()),
            section
                .word(
                    "signature",
                    Words.of(ServerConfig.Signature.values())
                        .refusing("who can forge it can sign as the CA of all devices", "SHA1"))
                .orElse(defaults.signature()),
            section.flag("nameConstraints", defaults.nameConstraints()),
            section.value("certificate", ConfigReader.PATH, Path::of).orElse(null),
            section.value("key", ConfigReader.PATH, Path::of).orElse(null),
            section.value("pkcs12", ConfigReader.PATH, Path::of).orElse(null),
            section.value("passwordFile", ConfigReader.PATH, Path::of).orElse(null));
    section.end();
    return authority;
  }
}
