package org.tlsuplift.proxy.model;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Hash functions that every Java runtime has. */
public final class Digests {
  private Digests() {}

  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("SHA-256 is in every Java runtime", impossible);
    }
  }
}
