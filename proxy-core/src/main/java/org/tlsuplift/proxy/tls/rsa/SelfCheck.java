package org.tlsuplift.proxy.tls.rsa;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Tries each operation of libcrypto before devices need it, because the settings of a system can
 * forbid some of them, and compares the results with Java's.
 */
final class SelfCheck {
  private static final byte[] MESSAGE = "self-check".getBytes(StandardCharsets.US_ASCII);

  private final PublishedKey pair = PublishedKey.rsa2048();
  private final NativeLibcrypto.Key key;

  private SelfCheck(NativeLibcrypto library) throws GeneralSecurityException {
    key = Libcrypto.parse(library, pair.privateKey());
  }

  /** Returns the library after its check. */
  static NativeLibcrypto passed(NativeLibcrypto library) throws LibcryptoUnavailableException {
    try {
      SelfCheck check = new SelfCheck(library);
      for (SignatureScheme scheme : SignatureScheme.values()) {
        check.signature(scheme);
      }
      check.decryption();
      return library;
    } catch (GeneralSecurityException failed) {
      throw new LibcryptoUnavailableException(
          "%s fails its self-check: %s".formatted(library.version(), failed.getMessage()),
          "write 'auto' or 'boringssl', or correct the system's openssl.cnf");
    }
  }

  private void signature(SignatureScheme scheme) throws GeneralSecurityException {
    byte[] signature;
    try {
      signature = scheme.sign(key, MESSAGE);
    } catch (GeneralSecurityException refused) {
      throw new SignatureException(scheme + ": " + refused.getMessage(), refused);
    }
    if (!(scheme.name().startsWith("PSS")
        ? isPss(scheme, signature)
        : isPkcs1(scheme, signature))) {
      throw new SignatureException(scheme + ": wrong signature");
    }
  }

  /** RFC 8017 section 9.2: 0, 1, bytes of 0xff, 0, input. */
  private static boolean isPkcs1(SignatureScheme scheme, byte[] signature)
      throws GeneralSecurityException {
    byte[] info = scheme.digestInfo(MESSAGE);
    byte[] block = new byte[signature.length];
    Arrays.fill(block, 1, block.length - info.length - 1, (byte) 0xff);
    block[1] = 1;
    block[block.length - info.length - 1] = 0;
    System.arraycopy(info, 0, block, block.length - info.length, info.length);
    return publicOperation(signature).equals(new BigInteger(1, block));
  }

  private boolean isPss(SignatureScheme scheme, byte[] signature) throws GeneralSecurityException {
    int bits = Integer.parseInt(scheme.name().substring("PSS_SHA".length()));
    Signature verifier = Signature.getInstance("RSASSA-PSS");
    verifier.setParameter(
        new PSSParameterSpec(
            "SHA-" + bits, "MGF1", new MGF1ParameterSpec("SHA-" + bits), bits / 8, 1));
    verifier.initVerify(pair.publicKey());
    verifier.update(MESSAGE);
    return verifier.verify(signature);
  }

  private void decryption() throws GeneralSecurityException {
    // Without the structure of any padding, and shorter than the modulus.
    byte[] block = new byte[key.size()];
    Arrays.fill(block, 2, block.length, (byte) 0x5a);
    BigInteger encrypted = new BigInteger(1, block).modPow(PublishedKey.E, PublishedKey.N);
    byte[] input = HexFormat.of().parseHex("%0512x".formatted(encrypted));
    if (!Arrays.equals(key.decrypt(input), block)) {
      throw new SignatureException("decryption: wrong result");
    }
  }

  private static BigInteger publicOperation(byte[] value) {
    return new BigInteger(1, value).modPow(PublishedKey.E, PublishedKey.N);
  }
}
