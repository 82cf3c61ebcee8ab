package org.tlsuplift.proxy.mail;

import java.util.List;
import java.util.Locale;

/** The origin side of IMAP (RFC 9051, RFC 3501). */
record ImapOrigin() implements OriginDialect {
  private static final String TAG = "U1";
  private static final String LIST = "* CAPABILITY ";

  @Override
  public String question(OriginQuestion question, String self) {
    return TAG + (question == OriginQuestion.CAPABILITIES ? " CAPABILITY" : " STARTTLS");
  }

  @Override
  public String command(String line) {
    return TAG + " " + line;
  }

  @Override
  public boolean isWellFormed(OriginQuestion question, String line) {
    return line.startsWith("* ")
        || line.startsWith(TAG + " ")
        || (question == OriginQuestion.SIGN_IN && line.startsWith("+"));
  }

  @Override
  public boolean isComplete(OriginQuestion question, List<String> lines) {
    String last = lines.get(lines.size() - 1);
    return question == OriginQuestion.GREETING
        || last.startsWith(TAG + " ")
        || last.startsWith("+")
        || hasPrefix(last, "* BYE");
  }

  @Override
  public boolean isPositive(OriginQuestion question, List<String> lines) {
    String last = lines.get(lines.size() - 1);
    // PREAUTH is refused too, because it excludes STARTTLS (RFC 9051 section 7.1.4).
    return hasPrefix(last, question == OriginQuestion.GREETING ? "* OK" : TAG + " OK");
  }

  @Override
  public List<String> capabilities(List<String> lines) {
    return lines.stream()
        .filter(line -> hasPrefix(line, LIST))
        .flatMap(line -> List.of(line.substring(LIST.length()).strip().split(" +")).stream())
        .toList();
  }

  private static boolean hasPrefix(String line, String prefix) {
    return line.toUpperCase(Locale.ROOT).startsWith(prefix);
  }
}
