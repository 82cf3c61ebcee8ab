package org.tlsuplift.server.config.load;

import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.ca.Extensions;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.ca.SignatureHash;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.config.ListenerCertificate;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.config.yaml.Words;

/**
 * The keys of antique listeners.
 *
 * @param devices empty for other listeners
 * @param until null for other listeners
 * @param certificate null for the usual certificates
 */
record AntiqueKeys(
    List<Cidr> devices, @Nullable LocalDate until, @Nullable ListenerCertificate certificate) {
  private static final String SUBNETS = "the address blocks of the devices, such as 10.1.2.0/28";
  private static final String DAY = "a day, such as 2027-06-30";
  private static final String NOT_HERE =
      "it is for 'profile: antique' only; use 'devices.allow' for other listeners";

  /** Reads the keys, which are required on antique listeners and refused on others. */
  static AntiqueKeys read(Section section, ListenerConfig.Profile profile) {
    if (section.clean("profile")) {
      if (profile == ListenerConfig.Profile.ANTIQUE) {
        demand(
            section,
            "devices",
            SUBNETS,
            "list the devices: an antique listener is too weak for all others");
        demand(section, "until", DAY, "set the last day: the listener stops accepting after it");
      } else {
        section.refuse("devices", NOT_HERE);
        section.refuse("until", "it is for 'profile: antique' only; remove it");
        section.refuse("certificate", "it is for 'profile: antique' only; remove it");
      }
    }
    return new AntiqueKeys(
        section.list("devices", SUBNETS, Cidr::parse),
        section.value("until", DAY, AntiqueKeys::day).orElse(null),
        ListenerCertificateReader.read(section));
  }

  private static void demand(Section section, String key, String expected, String why) {
    if (!section.has(key)) {
      section.missing(key, expected, why);
    }
  }

  private static LocalDate day(String text) {
    try {
      return LocalDate.parse(text);
    } catch (DateTimeParseException no) {
      throw new IllegalArgumentException("", no);
    }
  }

  /** Reads {@code certificate}. */
  static final class ListenerCertificateReader {
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

    private ListenerCertificateReader() {}

    /** Null without the section. */
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
              section.word("extensions", Words.of(Extensions.values())).orElse(usual.extensions()));
      section.end();
      return certificate;
    }
  }
}
