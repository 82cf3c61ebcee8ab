package org.tlsuplift.server.config;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.ca.SignatureHash;
import org.tlsuplift.server.config.binding.Checked;
import org.tlsuplift.server.config.binding.Key;
import org.tlsuplift.server.config.binding.Key.Refused;
import org.tlsuplift.server.config.binding.SchemaRules;
import org.tlsuplift.server.config.binding.Section;
import org.tlsuplift.server.config.secret.KeyFiles;

/**
 * The section {@code certificateAuthority}: the CA that signs the certificates for devices, created
 * by the daemon, or the operator's own.
 *
 * @param keyFiles the operator's files; all null for a created CA
 * @param keyAlgorithm of a created CA
 * @param leafKeys of the certificates for devices: RSA-2048, and also EC-P256 for those that
 *     support it
 * @param nameConstraints whether a created CA is limited to the names of the routes
 */
@SchemaRules(
    """
    if: {anyOf: [{required: [certificate]}, {required: [pkcs12]}]}
    then: {properties: {keyAlgorithm: false, nameConstraints: false}}
    """)
public record CertificateAuthorityConfig(
    @Key(inline = true) KeyFiles keyFiles,
    @Key(words = {"RSA-2048", "RSA-3072", "RSA-4096", "EC-P256"}) KeyAlgorithm keyAlgorithm,
    @Key(
            words = {"SHA256", "SHA384"},
            refused =
                @Refused(
                    words = "SHA1",
                    why =
                        "SHA1 signatures can be forged, and all devices trust this CA; use SHA256"))
        SignatureHash signature,
    @Key(
            words = {"RSA-2048", "EC-P256"},
            expected = LEAF_KEYS,
            schema = "{maxItems: 2, uniqueItems: true, contains: {const: RSA-2048}}")
        List<KeyAlgorithm> leafKeys,
    boolean nameConstraints)
    implements Checked {
  private static final String LEAF_KEYS = "[RSA-2048] or [RSA-2048, EC-P256]";
  private static final Set<KeyAlgorithm> BOTH =
      EnumSet.of(KeyAlgorithm.RSA_2048, KeyAlgorithm.EC_P256);

  @Override
  public void check(Section section) {
    if (section.has("certificate") || section.has("pkcs12")) {
      String why =
          "it is for a CA that the daemon creates; remove it, or remove 'certificate' and 'pkcs12'";
      section.refuse("keyAlgorithm", why);
      section.refuse("nameConstraints", why);
    }
    boolean allowed =
        leafKeys.equals(List.of(KeyAlgorithm.RSA_2048))
            || (leafKeys.size() == BOTH.size() && BOTH.equals(Set.copyOf(leafKeys)));
    if (!allowed && section.clean("leafKeys")) {
      section.contradiction("leafKeys", LEAF_KEYS, "many devices support no key but RSA");
    }
  }
}
