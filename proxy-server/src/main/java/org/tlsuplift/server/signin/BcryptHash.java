package org.tlsuplift.server.signin;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;

/** bcrypt in OpenBSD's format; only the first 72 bytes of a password count. */
record BcryptHash(String encoded) implements PasswordHash {
  private static final int MIN_COST = 5;
  private static final int MAX_COST = 14;
  private static final Pattern FORM = Pattern.compile("\\$2[aby]\\$([0-9]{2})\\$[./A-Za-z0-9]{53}");

  static BcryptHash read(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException("the hash is damaged: bcrypt has 60 characters");
    }
    int cost = Integer.parseInt(form.group(1));
    if (cost < MIN_COST || cost > MAX_COST) {
      throw new IllegalArgumentException(
          "bcrypt needs a cost from "
              + MIN_COST
              + " to "
              + MAX_COST
              + ": lower values are unsafe, higher values make devices wait");
    }
    return new BcryptHash(text);
  }

  @Override
  public boolean matches(char[] password) {
    return OpenBSDBCrypt.checkPassword(encoded, password);
  }

  @Override
  public String toString() {
    return "a bcrypt hash";
  }
}
