package org.tlsuplift.server.signin;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/** Argon2id, version 1.3 (RFC 9106), in the format of its reference implementation. */
record Argon2Hash(String encoded) implements PasswordHash {
  static final int NEW_SALT = 16;

  private static final int NEW_MEMORY = 19 * 1024;
  private static final int NEW_PASSES = 2;
  private static final int NEW_HASH = 32;
  private static final int MIN_MEMORY = 4 * 1024;
  private static final int MAX_MEMORY = 128 * 1024;
  private static final int MAX_PASSES = 10;
  private static final int MAX_LANES = 8;
  private static final Pattern FORM =
      Pattern.compile(
          "\\$argon2id\\$v=19\\$m=([0-9]{1,7}),t=([0-9]{1,3}),p=([0-9]{1,3})\\$([A-Za-z0-9+/]{11,86})\\$([A-Za-z0-9+/]{22,86})");

  static Argon2Hash read(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          text.startsWith("$argon2id$")
              ? "the hash is damaged, or is not Argon2id version 19"
              : "only Argon2id is supported, no other variant of Argon2");
    }
    int memory = number(form, 1);
    int passes = number(form, 2);
    int lanes = number(form, 3);
    if (memory < MIN_MEMORY
        || memory > MAX_MEMORY
        || passes < 1
        || passes > MAX_PASSES
        || lanes < 1
        || lanes > MAX_LANES) {
      throw new IllegalArgumentException(
          "Argon2id needs m from "
              + MIN_MEMORY
              + " to "
              + MAX_MEMORY
              + ", t from 1 to "
              + MAX_PASSES
              + " and p from 1 to "
              + MAX_LANES
              + ": lower values are unsafe, higher values make devices wait");
    }
    try {
      var unused = bytes(form.group(4)).length + bytes(form.group(5)).length;
      return new Argon2Hash(text);
    } catch (IllegalArgumentException damaged) {
      // The message may quote the hash.
      throw new IllegalArgumentException("it is damaged");
    }
  }

  static Argon2Hash make(char[] password, byte[] salt) {
    byte[] hash = derive(password, NEW_MEMORY, NEW_PASSES, 1, salt, NEW_HASH);
    Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
    return new Argon2Hash(
        "$argon2id$v=19$m=%s,t=%s,p=1$%s$%s"
            .formatted(
                NEW_MEMORY, NEW_PASSES, base64.encodeToString(salt), base64.encodeToString(hash)));
  }

  @Override
  public boolean matches(char[] password) {
    Matcher form = FORM.matcher(encoded);
    if (!form.matches()) {
      throw new IllegalStateException("the hash was read before");
    }
    byte[] hash = bytes(form.group(5));
    byte[] salt = bytes(form.group(4));
    return MessageDigest.isEqual(
        hash,
        derive(password, number(form, 1), number(form, 2), number(form, 3), salt, hash.length));
  }

  private static int number(Matcher form, int group) {
    return Integer.parseInt(form.group(group));
  }

  private static byte[] bytes(String base64) {
    return Base64.getDecoder().decode(base64);
  }

  @Override
  public String toString() {
    return "an Argon2id hash";
  }

  private static byte[] derive(
      char[] password, int memory, int passes, int lanes, byte[] salt, int length) {
    byte[] secret = PasswordHash.bytes(password);
    byte[] derived = new byte[length];
    try {
      Argon2BytesGenerator generator = new Argon2BytesGenerator();
      generator.init(
          new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
              .withVersion(Argon2Parameters.ARGON2_VERSION_13)
              .withMemoryAsKB(memory)
              .withIterations(passes)
              .withParallelism(lanes)
              .withSalt(salt)
              .build());
      generator.generateBytes(secret, derived);
      return derived;
    } finally {
      Arrays.fill(secret, (byte) 0);
    }
  }
}
