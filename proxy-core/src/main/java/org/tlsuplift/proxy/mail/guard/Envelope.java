package org.tlsuplift.proxy.mail.guard;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of MAIL or RCPT (RFC 5321 section 4.1.1.2), each byte one character.
 *
 * @param address without angle brackets; may be empty
 * @param parameters each with a space before it; may be empty
 */
public record Envelope(String address, String parameters) {
  /** RFC 1870 section 3. */
  private static final Pattern SIZE =
      Pattern.compile(" +SIZE=([0-9]{1,20})(?= |$)", Pattern.CASE_INSENSITIVE);

  /**
   * RFC 5321 section 4.1.2, with an equals sign in values, and RFC 6533 section 3. Angle brackets
   * have no place but in {@code AUTH=<>} (RFC 4954 section 5), because an origin could read the
   * text between them as the address.
   */
  private static final Pattern PARAMETER =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]*(?:=(?:<>|[!-;=?-~\\x80-\\xff]+))?");

  /** A local part in quotes may have spaces (RFC 5321 section 4.1.2), here printable ASCII. */
  private static final String QUOTED = "\"(?:[ !#-;=?-\\[\\]-~]|\\\\[ -;=?-~])*+\"@[^<>\\s\"]+";

  private static final Pattern FROM = path("FROM");
  private static final Pattern TO = path("TO");

  private static Pattern path(String keyword) {
    return Pattern.compile(
        " +" + keyword + ": *(?:<([^<>\\s]*|" + QUOTED + ")>|([^<>\\s]+))((?: [^\r\n]*)?)",
        Pattern.CASE_INSENSITIVE);
  }

  /** Null for other arguments than {@code FROM:<address>} and its parameters. */
  public static @Nullable Envelope from(String arguments) {
    return of(FROM.matcher(arguments));
  }

  /** Null for other arguments than {@code TO:<address>} and its parameters. */
  public static @Nullable Envelope to(String arguments) {
    return of(TO.matcher(arguments));
  }

  private static @Nullable Envelope of(Matcher path) {
    if (!path.matches()) {
      return null;
    }
    String bracketed = path.group(1);
    String parameters = path.group(3);
    boolean regular =
        Arrays.stream(parameters.strip().split(" +"))
            .allMatch(each -> each.isEmpty() || PARAMETER.matcher(each).matches());
    return regular ? new Envelope(bracketed == null ? path.group(2) : bracketed, parameters) : null;
  }

  /** The address in Unicode (RFC 6531). */
  public String text() {
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
