package org.tlsuplift.server.config.load;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.ca.Extensions;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.ca.SignatureHash;
import org.tlsuplift.server.config.KeyFiles;
import org.tlsuplift.server.config.ListenerCertificate;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.config.yaml.Words;

/**
 * The key {@code certificate} of a listener: the operator's files, or the form of certificates from
 * its own CA.
 *
 * @param form of an antique listener; null for the usual certificates
 * @param files null for certificates that the daemon makes
 */
record ListenerCertificateKeys(@Nullable ListenerCertificate form, @Nullable KeyFiles files) {
  private static final List<String> FILES = List.of("certificate", "key", "pkcs12", "passwordFile");
  private static final List<String> FORM =
      List.of("keyAlgorithm", "signature", "names", "extensions");
  private static final Words<KeyAlgorithm> KEYS =
      Words.of(
              List.of(KeyAlgorithm.RSA_1024, KeyAlgorithm.RSA_2048, KeyAlgorithm.EC_P256),
              KeyAlgorithm::toString)
          .refusing("such keys can be computed within hours; use RSA-1024", "RSA-512", "RSA-768");
  private static final Words<SignatureHash> SIGNATURES =
      Words.of(List.of(SignatureHash.SHA1, SignatureHash.SHA256), SignatureHash::toString)
          .refusing(
              "MD5 signatures can be forged within minutes; use SHA1, which these devices support too",
              "MD5");

  static ListenerCertificateKeys read(Section listener, ListenerConfig.Profile profile) {
    Section section = listener.section("certificate");
    if (!listener.has("certificate")) {
      return new ListenerCertificateKeys(null, null);
    }
    if (FILES.stream().anyMatch(section::has)) {
      FORM.forEach(
          key -> section.refuse(key, "the certificate in the files has its own; remove the key"));
      KeyFiles files = KeyFilesReader.read(section);
      section.end();
      return new ListenerCertificateKeys(null, files);
    }
    if (profile != ListenerConfig.Profile.ANTIQUE && listener.clean("profile")) {
      listener.refuse(
          "certificate",
          FORM.stream().anyMatch(section::has)
              ? "these keys are for 'profile: antique' only; remove it, or set 'certificate' and 'key', or 'pkcs12'"
              : "set 'certificate' and 'key', or 'pkcs12', below it; or remove it");
      return new ListenerCertificateKeys(null, null);
    }
    ListenerCertificate usual = ListenerCertificate.USUAL;
    ListenerCertificate form =
        new ListenerCertificate(
            section.word("keyAlgorithm", KEYS).orElse(usual.keyAlgorithm()),
            section.word("signature", SIGNATURES).orElse(usual.signature()),
            section
                .word("names", Words.of(ListenerCertificate.Names.values()))
                .orElse(usual.names()),
            section.word("extensions", Words.of(Extensions.values())).orElse(usual.extensions()));
    FILES.forEach(section::allow);
    section.end();
    return new ListenerCertificateKeys(form, null);
  }
}
