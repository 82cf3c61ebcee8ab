package org.tlsuplift.proxy.mail;

/** The replies that this proxy waits for, one at a time. */
enum OriginQuestion {
  GREETING("greeting"),
  CAPABILITIES("list of capabilities"),
  START_TLS("reply to STARTTLS"),
  /** The device's own HELO or EHLO. */
  HELLO("reply to the device's HELO or EHLO"),
  /** A command of SASL, or the response to a challenge. */
  SIGN_IN("reply to the sign-in"),
  /** A command of a message. */
  COMMAND("reply");

  private final String answer;

  OriginQuestion(String answer) {
    this.answer = answer;
  }

  String answer() {
    return answer;
  }
}
