package org.tlsuplift.server.it.lab;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.util.Locale;

/** The certificates of the handshake matrix: which key, signed with which hash. */
public enum LeafKind {
  RSA("RSA-2048", "SHA256"),
  RSA_SHA1("RSA-2048", "SHA1"),
  SMALL_RSA("RSA-1024", "SHA256"),
  SMALL_RSA_SHA1("RSA-1024", "SHA1"),
  EC("EC-P256", "SHA256"),
  EC_SHA1("EC-P256", "SHA1");

  private final String key;
  private final String hash;

  LeafKind(String key, String hash) {
    this.key = key;
    this.hash = hash;
  }

  /** The key algorithm in the configuration. */
  public String key() {
    return key;
  }

  /** The signature in the configuration. */
  public String hash() {
    return hash;
  }

  KeyPair newKey() {
    String algorithm = key.substring(0, key.indexOf('-'));
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      generator.initialize(Integer.parseInt(key.replaceAll("[^0-9]", "")));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  public boolean describes(X509Certificate leaf) {
    String found =
        leaf.getPublicKey() instanceof RSAPublicKey rsa
            ? "RSA-" + rsa.getModulus().bitLength()
            : leaf.getPublicKey().getAlgorithm() + "-P256";
    return found.equals(key) && leaf.getSigAlgName().startsWith(hash + "with");
  }

  /** A name for listeners and files. */
  public String label() {
    return (key + "-" + hash).toLowerCase(Locale.ROOT);
  }

  /** The text in the table. */
  public String text() {
    return key.replace("EC-P256", "ECDSA P-256") + " leaf, " + hash.replace("SHA", "SHA-");
  }
}
