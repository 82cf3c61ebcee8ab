package org.tlsuplift.proxy.mail;

import java.util.List;
import java.util.regex.Pattern;

/** The origin side of SMTP (RFC 5321, RFC 3207). */
record SmtpOrigin() implements OriginDialect {
  /** Three digits, then a hyphen on all lines of a reply except the last (RFC 5321 section 4.2). */
  private static final Pattern REPLY = Pattern.compile("[2-5][0-9]{2}([ -][^\r\n]*)?");

  @Override
  public String question(OriginQuestion question, String self) {
    return question == OriginQuestion.CAPABILITIES ? "EHLO " + self : "STARTTLS";
  }

  @Override
  public boolean isWellFormed(OriginQuestion question, String line) {
    return REPLY.matcher(line).matches();
  }

  @Override
  public boolean isComplete(OriginQuestion question, List<String> lines) {
    String last = lines.get(lines.size() - 1);
    return last.length() == 3 || last.charAt(3) == ' ';
  }

  @Override
  public boolean isPositive(OriginQuestion question, List<String> lines) {
    boolean ready = question == OriginQuestion.GREETING || question == OriginQuestion.START_TLS;
    String code = ready ? "220" : "250";
    return lines.stream().allMatch(line -> line.startsWith(code));
  }

  @Override
  public List<String> capabilities(List<String> lines) {
    return lines.stream()
        .skip(1)
        .filter(line -> line.length() > 4)
        .map(line -> line.substring(4).strip())
        .toList();
  }
}
