package org.tlsuplift.server.inventory;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Maps JA4 fingerprints to the programs that usually have them. */
public final class Ja4Table {
  private static final String TABLE = "ja4.txt";

  /** The length of the first part: transport, version, SNI, counts and ALPN. */
  private static final int FIRST_PART = 11;

  private static final Map<String, String> PROGRAMS = load();

  private Ja4Table() {}

  /** The program; empty if unknown. */
  public static String suggests(String ja4) {
    return ja4.length() < FIRST_PART ? "" : PROGRAMS.getOrDefault(ja4.substring(FIRST_PART), "");
  }

  private static Map<String, String> load() {
    try (InputStream in = Ja4Table.class.getResourceAsStream(TABLE)) {
      if (in == null) {
        throw new IllegalStateException(TABLE + " is missing from the program");
      }
      Map<String, String> programs = new HashMap<>();
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.startsWith("#")) {
          int cut = line.indexOf(' ');
          if (programs.put(line.substring(0, cut), line.substring(cut + 1)) != null) {
            throw new IllegalStateException(TABLE + " has a duplicate line: " + line);
          }
        }
      }
      return Map.copyOf(programs);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
