package org.tlsuplift.server.config;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.config.yaml.Words;

/** Reads what the certificates of an antique listener look like. */
final class ListenerCertificateReader {
  private static final Words<ListenerCertificate.KeyAlgorithm> KEYS =
      Words.of(ListenerCertificate.KeyAlgorithm.values())
          .refusing("anybody can compute such a key within hours", "RSA-512", "RSA-768");
  private static final Words<ListenerCertificate.Signature> SIGNATURES =
      Words.of(ListenerCertificate.Signature.values())
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
                .word("extensions", Words.of(ListenerCertificate.Extensions.values()))
                .orElse(usual.extensions()));
    section.end();
    return certificate;
  }
}
