package org.tlsuplift.proxy.tls.chain;

import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.jspecify.annotations.Nullable;

/**
 * Reads from a certificate's extensions where its revocation status is available. Only {@code
 * http://} URLs count, in printable ASCII, with at most 500 characters after the scheme. A
 * malformed extension counts as missing.
 */
public final class StatusSources {
  private static final Pattern HTTP = Pattern.compile("http://[!-~]{1,500}");
  private static final int MAX_SHOWN = 120;

  /** RFC 7633 section 4. */
  private static final String TLS_FEATURE = "1.3.6.1.5.5.7.1.24";

  /** RFC 7633 section 4.2.1: status_request of RFC 6066. */
  private static final int STATUS_REQUEST = 5;

  /** RFC 9608 section 3. */
  private static final String NO_REVOCATION_AVAILABLE = "2.5.29.56";

  private StatusSources() {}

  /**
   * The address of the issuer's certificate (RFC 5280 section 4.2.2.1), if it is short enough for a
   * log line.
   */
  static Optional<String> issuerAddress(X509Certificate certificate) {
    return access(certificate, AccessDescription.id_ad_caIssuers)
        .filter(address -> address.length() <= MAX_SHOWN);
  }

  /** The address of the OCSP responder (RFC 5280 section 4.2.2.1). */
  public static Optional<String> responder(X509Certificate certificate) {
    return access(certificate, AccessDescription.id_ad_ocsp);
  }

  /** The address of the issuer's complete revocation list (RFC 5280 section 4.2.1.13). */
  public static Optional<String> list(X509Certificate certificate) {
    return read(
        certificate,
        Extension.cRLDistributionPoints.getId(),
        extension ->
            first(
                Arrays.stream(CRLDistPoint.getInstance(extension).getDistributionPoints())
                    .filter(point -> point.getCRLIssuer() == null && point.getReasons() == null)
                    .map(DistributionPoint::getDistributionPoint)
                    .filter(
                        name -> name != null && name.getType() == DistributionPointName.FULL_NAME)
                    .flatMap(
                        name ->
                            Arrays.stream(GeneralNames.getInstance(name.getName()).getNames()))));
  }

  /** Whether the certificate's server must staple a response (RFC 7633). */
  public static boolean mustStaple(X509Certificate certificate) {
    return read(
            certificate,
            TLS_FEATURE,
            extension ->
                StreamSupport.stream(ASN1Sequence.getInstance(extension).spliterator(), false)
                    .map(ASN1Integer::getInstance)
                    .filter(feature -> feature.hasValue(STATUS_REQUEST))
                    .findFirst())
        .isPresent();
  }

  /** Whether the issuer declares that it never revokes this short-lived certificate (RFC 9608). */
  public static boolean isNeverRevoked(X509Certificate certificate) {
    return certificate.getExtensionValue(NO_REVOCATION_AVAILABLE) != null;
  }

  private static Optional<String> access(X509Certificate certificate, ASN1ObjectIdentifier method) {
    return read(
        certificate,
        Extension.authorityInfoAccess.getId(),
        extension ->
            first(
                Arrays.stream(
                        AuthorityInformationAccess.getInstance(extension).getAccessDescriptions())
                    .filter(description -> description.getAccessMethod().equals(method))
                    .map(AccessDescription::getAccessLocation)));
  }

  private static Optional<String> first(Stream<GeneralName> names) {
    return names
        .filter(name -> name.getTagNo() == GeneralName.uniformResourceIdentifier)
        .map(name -> name.getName().toString())
        .filter(address -> HTTP.matcher(address).matches())
        .findFirst();
  }

  private static <T> Optional<T> read(
      X509Certificate certificate, String type, Function<byte[], Optional<T>> reader) {
    byte @Nullable [] extension = certificate.getExtensionValue(type);
    try {
      return extension == null
          ? Optional.empty()
          : reader.apply(ASN1OctetString.getInstance(extension).getOctets());
    } catch (IllegalArgumentException malformed) {
      return Optional.empty();
    }
  }
}
