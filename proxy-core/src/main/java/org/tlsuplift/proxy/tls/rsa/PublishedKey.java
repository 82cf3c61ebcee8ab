package org.tlsuplift.proxy.tls.rsa;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.RSAPrivateCrtKeySpec;
import java.security.spec.RSAPublicKeySpec;

/**
 * RSA keys that everybody knows, because their primes are published. They protect nothing. Secret
 * keys would take up to a third of a second to generate, and measurements would differ by the key.
 */
public record PublishedKey(PublicKey publicKey, PrivateKey privateKey) {
  static final BigInteger E = BigInteger.valueOf(65537);

  /** RFC 2409 section 6.2. */
  static final BigInteger P =
      new BigInteger(
          "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74"
              + "020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437"
              + "4fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed"
              + "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece65381ffffffffffffffff",
          16);

  /** RFC 5054 appendix A. */
  static final BigInteger Q =
      new BigInteger(
          "eeaf0ab9adb38dd69c33f80afa8fc5e86072618775ff3c0b9ea2314c9c256576"
              + "d674df7496ea81d3383b4813d692c6e0e0d5d8e250b98be48e495c1d6089dad1"
              + "5dc7d7b46154d6b6ce8ef4ad69b15d4982559b297bcf1885c529f566660e57ec"
              + "68edbc3c05726cc02fd4cbf4976eaa9afd5138fe8376435b9fc61d2fc0eb06e3",
          16);

  /** The order of the curve P-256 (SEC 2 section 2.4.2). */
  static final BigInteger SHORT_P =
      new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);

  /** The field of the curve secp256k1 (SEC 2 section 2.4.1). */
  static final BigInteger SHORT_Q =
      new BigInteger("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f", 16);

  static final BigInteger N = P.multiply(Q);

  /** An RSA-2048 key. */
  public static PublishedKey rsa2048() {
    return of(P, Q);
  }

  /** An RSA-512 key: its operations take a few microseconds. */
  public static PublishedKey rsa512() {
    return of(SHORT_P, SHORT_Q);
  }

  private static PublishedKey of(BigInteger p, BigInteger q) {
    BigInteger n = p.multiply(q);
    BigInteger p1 = p.subtract(BigInteger.ONE);
    BigInteger q1 = q.subtract(BigInteger.ONE);
    BigInteger d = E.modInverse(p1.multiply(q1));
    try {
      KeyFactory keys = KeyFactory.getInstance("RSA");
      return new PublishedKey(
          keys.generatePublic(new RSAPublicKeySpec(n, E)),
          keys.generatePrivate(
              new RSAPrivateCrtKeySpec(n, E, d, p, q, d.mod(p1), d.mod(q1), q.modInverse(p))));
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException("this Java has no RSA", broken);
    }
  }
}
