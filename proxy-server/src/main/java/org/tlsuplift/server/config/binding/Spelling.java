package org.tlsuplift.server.config.binding;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/** Guesses the intended word. */
public final class Spelling {
  private Spelling() {}

  /** A hint such as {@code did you mean 'bind'?}, or an empty text if no word is similar. */
  public static String hint(String written, Collection<String> words) {
    String plain = plain(written);
    return words.stream()
        .filter(word -> distance(plain, plain(word)) <= Math.max(1, word.length() / 3))
        .min(Comparator.comparingInt((String word) -> distance(plain, plain(word))))
        .map(word -> "did you mean '" + word + "'?")
        .orElse("");
  }

  private static String plain(String word) {
    String cut = word.length() > 40 ? word.substring(0, 40) : word;
    return cut.toLowerCase(Locale.ROOT).replaceAll("[-_. ]", "");
  }

  /** The Levenshtein distance. */
  private static int distance(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j < row.length; j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[to.length()];
  }
}
