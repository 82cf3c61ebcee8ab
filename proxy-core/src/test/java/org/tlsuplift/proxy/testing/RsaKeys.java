package org.tlsuplift.proxy.testing;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.ArrayList;
import java.util.List;

/**
 * RSA keys of 2048 bits. A new one takes a fifth of a second, so all tests of a JVM share a few:
 * any {@link #KEYS} that follow one another differ.
 */
public final class RsaKeys {
  private static final int KEYS = 16;
  private static final List<KeyPair> MADE = new ArrayList<>();
  private static int given;

  private RsaKeys() {}

  /** The next key. */
  public static synchronized KeyPair next() {
    if (MADE.size() < KEYS) {
      MADE.add(generate());
    }
    return MADE.get(given++ % KEYS);
  }

  private static KeyPair generate() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException(broken);
    }
  }
}
