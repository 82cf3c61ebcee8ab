package org.tlsuplift.proxy.ca;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;

/**
 * The kinds of keys for a CA or a leaf, with their names in the configuration.
 *
 * <p>RSA-2048 is the default, because every device supports it and a signature takes about 1 ms.
 * RSA-4096 takes about 7 ms. EC-P256 is the fastest, for devices that support elliptic curves.
 */
public enum KeyAlgorithm {
  /** For the devices of one listener that support no longer key. */
  RSA_1024("RSA-1024", "RSA", new RSAKeyGenParameterSpec(1024, RSAKeyGenParameterSpec.F4)),
  RSA_2048("RSA-2048", "RSA", new RSAKeyGenParameterSpec(2048, RSAKeyGenParameterSpec.F4)),
  RSA_3072("RSA-3072", "RSA", new RSAKeyGenParameterSpec(3072, RSAKeyGenParameterSpec.F4)),
  RSA_4096("RSA-4096", "RSA", new RSAKeyGenParameterSpec(4096, RSAKeyGenParameterSpec.F4)),
  EC_P256("EC-P256", "EC", new ECGenParameterSpec("secp256r1"));

  private final String label;
  private final String family;

  @SuppressWarnings("ImmutableEnumChecker") // the two kinds of specification have no setters
  private final AlgorithmParameterSpec parameters;

  KeyAlgorithm(String label, String family, AlgorithmParameterSpec parameters) {
    this.label = label;
    this.family = family;
    this.parameters = parameters;
  }

  /** The kind and size of any key, such as {@code RSA-2048} or {@code EC-P521}. */
  public static String describe(PublicKey key) {
    if (key instanceof RSAPublicKey rsa) {
      return "RSA-" + rsa.getModulus().bitLength();
    }
    return key instanceof ECPublicKey curve
        ? "EC-P" + curve.getParams().getCurve().getField().getFieldSize()
        : key.getAlgorithm();
  }

  /** Takes up to a second for the longer RSA keys. */
  public KeyPair generate() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(family);
      generator.initialize(parameters);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("this Java cannot make " + label + " keys", missing);
    }
  }

  @Override
  public String toString() {
    return label;
  }
}
