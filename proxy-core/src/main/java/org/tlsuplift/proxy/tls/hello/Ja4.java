package org.tlsuplift.proxy.tls.hello;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.tlsuplift.proxy.model.Digests;

/**
 * The JA4 fingerprint of a ClientHello over TCP (FoxIO, "JA4: TLS Client Fingerprinting").
 *
 * <p>An example is {@code t13d1516h2_8daaf6152771_e5627efa2ab1}. The first part has the transport,
 * the version, whether SNI is sent, the numbers of suites and extensions, and the ALPN name. The
 * second is a hash of the sorted suites, the third a hash of the sorted extensions and the
 * signature algorithms. GREASE is ignored.
 *
 * <p>Each session computes it, so the code does without streams and formats.
 */
final class Ja4 {
  private static final int MAX_COUNT = 99;
  private static final String NONE = "000000000000";
  private static final HexFormat HEX = HexFormat.of();

  private Ja4() {}

  static String of(RawHello hello) {
    return "t"
        + version(hello)
        + (hello.extensions().contains(ClientHelloBody.SERVER_NAME) ? "d" : "i")
        + count(hello.cipherSuites())
        + count(hello.extensions())
        + alpn(hello.applicationProtocols())
        + "_"
        + hash(list(sorted(hello.cipherSuites())))
        + "_"
        + hash(extensions(hello));
  }

  private static String version(RawHello hello) {
    List<Integer> supported = hello.supportedVersions();
    int version =
        supported == null || supported.isEmpty()
            ? hello.announcedVersion()
            : Collections.max(supported);
    return switch (version) {
      case 0x0304 -> "13";
      case 0x0303 -> "12";
      case 0x0302 -> "11";
      case 0x0301 -> "10";
      case 0x0300 -> "s3";
      case 0x0002 -> "s2";
      default -> "00";
    };
  }

  private static String count(List<Integer> list) {
    int count = Math.min(list.size(), MAX_COUNT);
    return count < 10 ? "0" + count : Integer.toString(count);
  }

  /**
   * The first and last character of the first name, or of its hex digits if one of the characters
   * is not alphanumeric.
   */
  private static String alpn(List<String> names) {
    if (names.isEmpty()) {
      return "00";
    }
    String name = names.get(0);
    if (!isAlphanumeric(name.charAt(0)) || !isAlphanumeric(name.charAt(name.length() - 1))) {
      name = HEX.formatHex(name.getBytes(StandardCharsets.ISO_8859_1));
    }
    return "" + name.charAt(0) + name.charAt(name.length() - 1);
  }

  private static boolean isAlphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  }

  private static String extensions(RawHello hello) {
    List<Integer> hashed = sorted(hello.extensions());
    hashed.removeIf(
        type ->
            type == ClientHelloBody.SERVER_NAME || type == ClientHelloBody.APPLICATION_PROTOCOLS);
    String algorithms = list(hello.signatureAlgorithms());
    return algorithms.isEmpty() ? list(hashed) : list(hashed) + "_" + algorithms;
  }

  private static List<Integer> sorted(List<Integer> numbers) {
    List<Integer> sorted = new ArrayList<>(numbers);
    Collections.sort(sorted);
    return sorted;
  }

  private static String list(List<Integer> numbers) {
    StringBuilder list = new StringBuilder();
    for (int number : numbers) {
      if (!list.isEmpty()) {
        list.append(',');
      }
      list.append(HEX.toHexDigits((short) number));
    }
    return list.toString();
  }

  private static String hash(String text) {
    if (text.isEmpty()) {
      return NONE;
    }
    byte[] digest = Digests.sha256().digest(text.getBytes(StandardCharsets.US_ASCII));
    return HEX.formatHex(digest, 0, NONE.length() / 2);
  }
}
