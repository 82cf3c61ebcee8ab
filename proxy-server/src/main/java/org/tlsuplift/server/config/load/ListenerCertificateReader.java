package org.tlsuplift.server.config.load;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.ca.Extensions;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.ca.SignatureHash;
import org.tlsuplift.server.config.ListenerCertificate;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.config.yaml.Words;

/** Reads what the certificates of an antique listener look like. */
final class ListenerCertificateReader {
  private static final Words<KeyAlgorithm> KEYS =
      Words.of(
              List.of(KeyAlgorithm.RSA_1024, KeyAlgorithm.RSA_2048, KeyAlgorithm.EC_P256),
              KeyAlgorithm::toString)
          .refusing("anybody can compute such a key within hours", "RSA-512", "RSA-768");
  private static final Words<SignatureHash> SIGNATURES =
      Words.of(List.of(SignatureHash.SHA1, SignatureHash.SHA256), SignatureHash::toString)
          .refusing("anybody can forge it within minutes, and who knows MD5 knows SHA1", "MD5");

  private ListenerCertificateReader() {}

  /** The section, or null when it is not there. */
  static @Nullable ListenerCertificate read(Section listener) {
    Section section = listener.section("certificate");
    if (!listener.has("certificate")) {
      return null;
    }
    ListenerCertificate usual = ListenerCertificate.USUAL;
    ListenerCertificate certificate =
        new ListenerCertificate(
            section.word("keyAlgorithm", KEYS).orElse(usual.keyAlgorithm()),
            section.word("signature", SIGNATURES).orElse(usual.signature()),
            section
                .word("names", Words.of(ListenerCertificate.Names.values()))
                .orElse(usual.names()),
            section
                .word("extensions", Words.named(Extensions.values()))
                .orElse(usual.extensions()));
    section.end();
    return certificate;
  }
}
