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
 * What only an antique listener has: its bounds, and certificates of its own kind.
 *
 * @param devices the only address blocks it serves; empty where it is not antique
 * @param until its last day; null where it is not antique
 * @param certificate what its certificates look like; null where they are as on all listeners
 */
record AntiqueKeys(
    List<Cidr> devices, @Nullable LocalDate until, @Nullable ListenerCertificate certificate) {
  private static final String SUBNETS = "the address blocks of these devices, such as 10.1.2.0/28";
  private static final String DAY = "a day, such as 2027-06-30";
  private static final String NOT_HERE =
      "it is for 'profile: antique'; who may connect elsewhere is said by 'devices.allow'";

  /** Reads the keys, which must be there on an antique listener and nowhere else. */
  static AntiqueKeys read(Section section, ListenerConfig.Profile profile) {
    if (section.clean("profile")) {
      if (profile == ListenerConfig.Profile.ANTIQUE) {
        demand(section, "devices", SUBNETS, "what is this weak is opened to nobody else");
        demand(section, "until", DAY, "after it the listener stops to accept");
      } else {
        section.refuse("devices", NOT_HERE);
        section.refuse("until", "it is for 'profile: antique'");
        section.refuse("certificate", "it is for 'profile: antique'");
      }
    }
    return new AntiqueKeys(
        section.list("devices", SUBNETS, Cidr::parse),
        section.value("until", DAY, AntiqueKeys::day).orElse(null),
        ListenerCertificateReader.read(section));
  }

  private static void demand(Section section, String key, String allowed, String why) {
    if (!section.has(key)) {
      section.missing(key, allowed, "an antique listener needs it: " + why);
    }
  }

  private static LocalDate day(String text) {
    try {
      return LocalDate.parse(text);
    } catch (DateTimeParseException no) {
      throw new IllegalArgumentException("", no);
    }
  }

  /** Reads what the certificates of an antique listener look like. */
  static final class ListenerCertificateReader {
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
              section.word("extensions", Words.of(Extensions.values())).orElse(usual.extensions()));
      section.end();
      return certificate;
    }
  }
}
