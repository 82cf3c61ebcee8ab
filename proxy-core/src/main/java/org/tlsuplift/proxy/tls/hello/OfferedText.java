package org.tlsuplift.proxy.tls.hello;

import java.util.List;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.TlsVersion;

/** Describes a device's offer in one line. */
public final class OfferedText {
  public static final int MAX_LENGTH = 400;

  private static final int SUITES_SHOWN = 4;
  private static final int PROTOCOLS_SHOWN = 3;
  private static final int MAX_NAME = 80;
  private static final int MAX_PROTOCOL = 20;
  private static final String CUT = "...";

  private OfferedText() {}

  /**
   * One line of at most {@value #MAX_LENGTH} printable ASCII characters, such as {@code TLSv1;
   * TLS_RSA_WITH_RC4_128_SHA, TLS_RSA_WITH_RC4_128_MD5 (+12 more); SNI mail.example; no ALPN}.
   */
  public static String describe(ClientHello hello) {
    String text =
        String.join("; ", versions(hello), suites(hello), serverName(hello), protocols(hello));
    return shorten(text, MAX_LENGTH);
  }

  private static String versions(ClientHello hello) {
    String versions =
        hello.versions().isEmpty()
            ? "no known version"
            : hello.versions().stream().map(TlsVersion::label).collect(Collectors.joining(", "));
    return switch (hello.framing()) {
      case TLS -> versions;
      case SSL_2 -> versions + " in SSLv2 framing";
    };
  }

  private static String suites(ClientHello hello) {
    List<String> names =
        hello.cipherSuites().stream().limit(SUITES_SHOWN).map(CipherSuites::nameOf).toList();
    return names.isEmpty()
        ? "no cipher suites"
        : String.join(", ", names) + more(hello.cipherSuites().size() - SUITES_SHOWN);
  }

  private static String serverName(ClientHello hello) {
    String name = hello.serverName();
    return name == null ? "no SNI" : "SNI " + shorten(printable(name), MAX_NAME);
  }

  private static String protocols(ClientHello hello) {
    List<String> names =
        hello.applicationProtocols().stream()
            .limit(PROTOCOLS_SHOWN)
            .map(name -> shorten(printable(name), MAX_PROTOCOL))
            .toList();
    return names.isEmpty()
        ? "no ALPN"
        : "ALPN "
            + String.join(", ", names)
            + more(hello.applicationProtocols().size() - PROTOCOLS_SHOWN);
  }

  private static String more(int count) {
    return count > 0 ? " (+" + count + " more)" : "";
  }

  /** Replaces characters that could control a terminal or forge a log line. */
  private static String printable(String text) {
    StringBuilder printable = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      printable.append(c > ' ' && c < 0x7f ? c : '?');
    }
    return printable.toString();
  }

  private static String shorten(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length - CUT.length()) + CUT;
  }
}
