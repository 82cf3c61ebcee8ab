package org.tlsuplift.proxy.tls.rsa;

import java.security.GeneralSecurityException;
import org.jspecify.annotations.Nullable;

/**
 * The functions of libcrypto that this package calls. The class that implements it needs Java 22,
 * so it is in {@code META-INF/versions/22}. Thread-safe.
 */
interface NativeLibcrypto {
  /** RSA_PKCS1_PADDING of OpenSSL's rsa.h; without a digest, the block type 1 around the input. */
  int PKCS1 = 1;

  /** RSA_PKCS1_PSS_PADDING of OpenSSL's rsa.h; the salt is as long as the digest. */
  int PSS = 6;

  /** The name and version of the library, such as {@code OpenSSL 3.5.4}. */
  String version();

  /**
   * Copies a key into the library. The copy is freed when no object refers to it.
   *
   * @param pkcs8 the encoding of an RSA key; the caller overwrites it
   */
  Key parse(byte[] pkcs8) throws GeneralSecurityException;

  /** A private RSA key. Thread-safe. */
  interface Key {
    /** The length of the modulus in bytes. */
    int size();

    /**
     * Signs.
     *
     * @param padding {@link #PKCS1} or {@link #PSS}
     * @param digest OpenSSL's name of the digest for {@link #PSS}, or null
     * @param input for {@link #PSS} the digest
     */
    byte[] sign(int padding, @Nullable String digest, byte[] input) throws GeneralSecurityException;

    /**
     * Computes the RSA private-key operation without padding, with blinding.
     *
     * @param input as long as the modulus
     * @return the whole block, as long as the modulus
     * @throws GeneralSecurityException if the input is not below the modulus, whatever the result
     *     would be
     */
    byte[] decrypt(byte[] input) throws GeneralSecurityException;
  }
}
