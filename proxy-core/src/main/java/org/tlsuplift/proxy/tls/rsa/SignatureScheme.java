package org.tlsuplift.proxy.tls.rsa;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SignatureException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The RSA signatures of TLS by their numbers (RFC 8446 section 4.2.3). BoringSSL gives a key method
 * the message, not its digest.
 *
 * <p>PKCS#1 v1.5 is applied to the digest here and not by libcrypto, because some systems forbid
 * libcrypto to sign with SHA-1, which TLS 1.0 and 1.1 require (RFC 5246 section 4.7 and RFC 2246
 * section 4.7).
 */
enum SignatureScheme {
  /** TLS 1.0 and 1.1: both digests, without the name of an algorithm. */
  PKCS1_MD5_SHA1(0xff01, List.of("MD5", "SHA-1"), "", null),
  PKCS1_SHA1(0x0201, List.of("SHA-1"), "3021300906052b0e03021a05000414", null),
  PKCS1_SHA256(0x0401, List.of("SHA-256"), "3031300d060960864801650304020105000420", null),
  PKCS1_SHA384(0x0501, List.of("SHA-384"), "3041300d060960864801650304020205000430", null),
  PKCS1_SHA512(0x0601, List.of("SHA-512"), "3051300d060960864801650304020305000440", null),
  PSS_SHA256(0x0804, List.of("SHA-256"), "", "SHA256"),
  PSS_SHA384(0x0805, List.of("SHA-384"), "", "SHA384"),
  PSS_SHA512(0x0806, List.of("SHA-512"), "", "SHA512");

  private final int id;

  // The lists are immutable.
  @SuppressWarnings("ImmutableEnumChecker")
  private final List<String> digests;

  /** The DER of DigestInfo before the digest (RFC 8017 section 9.2, note 1). */
  private final String prefix;

  private final @Nullable String pssDigest;

  SignatureScheme(int id, List<String> digests, String prefix, @Nullable String pssDigest) {
    this.id = id;
    this.digests = digests;
    this.prefix = prefix;
    this.pssDigest = pssDigest;
  }

  /**
   * Finds a scheme by its number in TLS; BoringSSL's own number for {@link #PKCS1_MD5_SHA1}.
   *
   * @throws SignatureException if it is not one of RSA
   */
  static SignatureScheme of(int id) throws SignatureException {
    return Arrays.stream(values())
        .filter(scheme -> scheme.id == id)
        .findFirst()
        .orElseThrow(
            () -> new SignatureException("signature scheme %#x is not one of RSA".formatted(id)));
  }

  byte[] sign(NativeLibcrypto.Key key, byte[] message) throws GeneralSecurityException {
    return pssDigest == null
        ? key.sign(NativeLibcrypto.PKCS1, null, digestInfo(message))
        : key.sign(NativeLibcrypto.PSS, pssDigest, digestInfo(message));
  }

  /** The input of PKCS#1 v1.5 or PSS. */
  byte[] digestInfo(byte[] message) throws GeneralSecurityException {
    ByteArrayOutputStream info = new ByteArrayOutputStream();
    info.writeBytes(HexFormat.of().parseHex(prefix));
    for (String digest : digests) {
      info.writeBytes(MessageDigest.getInstance(digest).digest(message));
    }
    return info.toByteArray();
  }
}
