package org.tlsuplift.proxy.ca;

import java.time.Duration;
import java.time.Instant;

/**
 * The settings of a new local certificate authority.
 *
 * @param keyAlgorithm the CA's own key; {@link LeafForm} has that of leaves
 * @param signature the hash of the CA's signature on itself
 * @param nameConstraints whether the certificate limits the names that it may sign (RFC 5280
 *     section 4.2.1.10, critical); off only for devices that refuse such a CA
 * @param permittedNames the limits, if {@code nameConstraints} is on
 * @param commonName 1 to 64 characters (RFC 5280, ub-common-name), which devices display
 * @param validFrom see {@link #DEFAULT_VALID_FROM}
 * @param lifetime from the creation, at least a day; cut off before 2050
 * @param extensions name constraints need all of them
 */
public record CaSettings(
    KeyAlgorithm keyAlgorithm,
    SignatureHash signature,
    boolean nameConstraints,
    PermittedNames permittedNames,
    String commonName,
    Instant validFrom,
    Duration lifetime,
    Extensions extensions) {

  /**
   * 2000-01-01, because the clocks of many devices restart there when the battery is empty.
   *
   * <p>A device whose clock was reset must still accept both CA and leaf, or it could not even
   * fetch the time. For clocks that restart in 1970, set {@code validFrom}; the default avoids such
   * dates because some parsers read their UTCTime as 2070.
   */
  public static final Instant DEFAULT_VALID_FROM = Instant.parse("2000-01-01T00:00:00Z");

  /** About the life of a device, so that a root is installed only once. */
  public static final Duration DEFAULT_LIFETIME = Duration.ofDays(3652);

  /** The last second of UTCTime (RFC 5280 section 4.1.2.5); old parsers know no other format. */
  static final Instant LAST_UTC_TIME = Instant.parse("2049-12-31T23:59:59Z");

  private static final Instant FIRST_UTC_TIME = Instant.parse("1950-01-01T00:00:00Z");
  private static final int MAX_COMMON_NAME = 64;
  private static final String COMMON_NAME = "TLS Uplift local CA ";
  private static final String LISTENER_COMMON_NAME = "TLS Uplift CA for listener ";

  public CaSettings {
    if (commonName.isBlank() || commonName.length() > MAX_COMMON_NAME) {
      throw new IllegalArgumentException("the common name must have 1 to 64 characters");
    }
    if (validFrom.isBefore(FIRST_UTC_TIME) || validFrom.isAfter(LAST_UTC_TIME)) {
      throw new IllegalArgumentException(
          "the validity starts at " + validFrom + ", outside 1950 to 2049");
    }
    if (nameConstraints && extensions != Extensions.ALL) {
      throw new IllegalArgumentException("name constraints are an extension");
    }
    if (lifetime.compareTo(Duration.ofDays(1)) < 0) {
      throw new IllegalArgumentException("the lifetime " + lifetime + " is below one day");
    }
  }

  /** RSA-2048, SHA-256, name constraints and ten years, with the host in the common name. */
  public static CaSettings defaults(PermittedNames permittedNames, String host) {
    return new CaSettings(
        KeyAlgorithm.RSA_2048,
        SignatureHash.SHA256,
        true,
        permittedNames,
        commonNameFor(host),
        DEFAULT_VALID_FROM,
        DEFAULT_LIFETIME,
        Extensions.ALL);
  }

  /** The default common name on a host, cut to the allowed length. */
  public static String commonNameFor(String host) {
    return cut(COMMON_NAME + host);
  }

  /**
   * The common name of a CA for one listener on a host, without characters that need UTF-8, which
   * old devices may not support.
   */
  public static String commonNameFor(String host, String listener) {
    String name = LISTENER_COMMON_NAME + listener + " on " + host;
    return cut(name.replaceAll("[^A-Za-z0-9 .:-]", "-"));
  }

  /** Whether only the devices of one listener may trust such a CA. */
  public boolean isWeak() {
    return signature == SignatureHash.SHA1
        || keyAlgorithm == KeyAlgorithm.RSA_1024
        || extensions == Extensions.NONE;
  }

  private static String cut(String name) {
    return name.substring(0, Math.min(name.length(), MAX_COMMON_NAME)).strip();
  }
}
