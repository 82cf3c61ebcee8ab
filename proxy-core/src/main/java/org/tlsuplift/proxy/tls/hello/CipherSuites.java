package org.tlsuplift.proxy.tls.hello;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The names of cipher suites in the IANA registry "TLS Cipher Suites". Thread-safe.
 *
 * <p>Netty with BoringSSL uses the same names. In the JDK, names of suites older than TLS 1.0 start
 * with {@code SSL_} instead of {@code TLS_}; {@link #canonical} converts them.
 */
public final class CipherSuites {
  private static final String TABLE = "cipher-suites.txt";
  private static final Map<Integer, String> NAMES = load();
  private static final Map<String, Integer> NUMBERS = numbers();

  private CipherSuites() {}

  /** The name of a suite, or its number in the form {@code 0xC0FF} if it is unknown. */
  public static String nameOf(int number) {
    String name = NAMES.get(number);
    return name == null ? String.format(Locale.ROOT, "0x%04X", number) : name;
  }

  /** The number of a suite by its name in the registry or the JDK; empty if unknown. */
  public static OptionalInt numberOf(String name) {
    Integer number = NUMBERS.get(canonical(name));
    return number == null ? OptionalInt.empty() : OptionalInt.of(number);
  }

  /** The registry's name for a JDK name; an unknown name is returned unchanged. */
  public static String canonical(String name) {
    if (name.startsWith("SSL_")) {
      String registered = "TLS_" + name.substring("SSL_".length());
      return NUMBERS.containsKey(registered) ? registered : name;
    }
    return name;
  }

  private static Map<String, Integer> numbers() {
    Map<String, Integer> numbers = new HashMap<>();
    NAMES.forEach((number, name) -> numbers.put(name, number));
    return Map.copyOf(numbers);
  }

  private static Map<Integer, String> load() {
    try (InputStream in = CipherSuites.class.getResourceAsStream(TABLE)) {
      if (in == null) {
        throw new IllegalStateException(TABLE + " is missing from the jar");
      }
      Map<Integer, String> names = new HashMap<>();
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.startsWith("#")) {
          names.put(Integer.parseInt(line.substring(0, 4), 16), line.substring(5));
        }
      }
      return Map.copyOf(names);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
