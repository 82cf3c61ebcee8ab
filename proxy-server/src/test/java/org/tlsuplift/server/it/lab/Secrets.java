package org.tlsuplift.server.it.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** What must be nowhere, in each form that it travels in. */
public final class Secrets {
  /** One piece of this length of a long secret is as bad as the whole. */
  private static final int PIECE = 48;

  private final Map<String, String> forms = new LinkedHashMap<>();

  /**
   * Adds a short secret: as it is, in Base64 wherever it begins there, and in a form of the web.
   */
  public void add(String name, String secret) {
    forms.put(name, secret);
    forms.put(name + " in a form", URLEncoder.encode(secret, StandardCharsets.UTF_8));
    for (int shift = 0; shift < 3; shift++) {
      String encoded = Account.base64("x".repeat(shift) + secret);
      // What depends on the characters around it is left out.
      int from = shift == 0 ? 0 : 4;
      String inner = encoded.substring(from, encoded.length() - 4);
      forms.put(name + " in Base64, " + shift + " behind", inner);
    }
  }

  /** Adds a long secret, of which pieces from its beginning, middle and end are looked for. */
  public void addLong(String name, String secret) {
    add("the beginning of " + name, secret.substring(30, 30 + PIECE));
    int middle = secret.length() / 2;
    add("the middle of " + name, secret.substring(middle, middle + PIECE));
    add("the end of " + name, secret.substring(secret.length() - PIECE));
  }

  /** Fails with the place, but not the secret, if a text has one of them. */
  public void assertAbsent(String where, String text) {
    forms.forEach(
        (name, form) -> assertThat(text.contains(form)).as("%s is in %s", name, where).isFalse());
  }
}
