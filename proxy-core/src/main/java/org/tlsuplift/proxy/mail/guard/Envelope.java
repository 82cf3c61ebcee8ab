package org.tlsuplift.proxy.mail.guard;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of MAIL or RCPT (RFC 5321 section 4.1.1.2), each byte one character.
 *
 * @param address without angle brackets; may be empty
 * @param parameters each with a space before it; may be empty
 */
record Envelope(String address, String parameters) {
  private static final Pattern FROM = path("FROM");
  private static final Pattern TO = path("TO");

  /** RFC 1870 section 3. */
  private static final Pattern SIZE =
      Pattern.compile(" +SIZE=([0-9]{1,20})(?= |$)", Pattern.CASE_INSENSITIVE);

  private static Pattern path(String keyword) {
    return Pattern.compile(
        " +" + keyword + ": *(?:<([^<>\\s]*)>|([^<>\\s]+))((?: .*)?)", Pattern.CASE_INSENSITIVE);
  }

  /** Null for other arguments than {@code FROM:<address>}. */
  static @Nullable Envelope from(String arguments) {
    return of(FROM.matcher(arguments));
  }

  /** Null for other arguments than {@code TO:<address>}. */
  static @Nullable Envelope to(String arguments) {
    return of(TO.matcher(arguments));
  }

  private static @Nullable Envelope of(Matcher path) {
    if (!path.matches()) {
      return null;
    }
    String bracketed = path.group(1);
    return new Envelope(
        bracketed == null ? String.valueOf(path.group(2)) : bracketed,
        String.valueOf(path.group(3)));
  }

  /** The address in Unicode (RFC 6531). */
  String text() {
    return new String(address.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  /** The size that the device declares in bytes, at most {@link Long#MAX_VALUE}; -1 for none. */
  long size() {
    Matcher size = SIZE.matcher(parameters);
    if (!size.find()) {
      return -1;
    }
    String digits = size.group(1);
    return digits.length() > 18 ? Long.MAX_VALUE : Long.parseLong(digits);
  }

  Envelope withoutSize() {
    return new Envelope(address, SIZE.matcher(parameters).replaceAll(""));
  }

  Envelope withAddress(String other) {
    return new Envelope(other, parameters);
  }

  /** The whole command with its CRLF. */
  String mail() {
    return "MAIL FROM:<" + address + ">" + parameters + "\r\n";
  }
}
