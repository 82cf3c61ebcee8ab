package org.tlsuplift.proxy.mail;

import java.util.List;

/** The origin side of POP3 (RFC 1939, RFC 2449, RFC 2595). */
record Pop3Origin() implements OriginDialect {
  private static final String OK = "+OK";

  @Override
  public String question(OriginQuestion question, String self) {
    return question == OriginQuestion.CAPABILITIES ? "CAPA" : "STLS";
  }

  @Override
  public boolean isWellFormed(OriginQuestion question, String line) {
    return question == OriginQuestion.CAPABILITIES
        || line.startsWith(OK)
        || (question == OriginQuestion.SIGN_IN && line.startsWith("+"))
        || line.startsWith("-ERR");
  }

  @Override
  public boolean isComplete(OriginQuestion question, List<String> lines) {
    // Only a positive reply to CAPA has many lines (RFC 1939 section 3).
    return question != OriginQuestion.CAPABILITIES
        || !lines.get(0).startsWith(OK)
        || lines.get(lines.size() - 1).equals(".");
  }

  @Override
  public boolean isPositive(OriginQuestion question, List<String> lines) {
    return lines.get(0).startsWith(OK);
  }

  @Override
  public List<String> capabilities(List<String> lines) {
    return lines.stream().skip(1).filter(line -> !line.startsWith(".")).map(String::strip).toList();
  }

  @Override
  public String startTlsCapability() {
    return "STLS";
  }
}
