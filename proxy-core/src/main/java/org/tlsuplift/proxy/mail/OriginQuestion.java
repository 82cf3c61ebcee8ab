package org.tlsuplift.proxy.mail;

/** What this proxy waits for or asks, one at a time. */
enum OriginQuestion {
  GREETING("greeting"),
  CAPABILITIES("list of capabilities"),
  START_TLS("answer to STARTTLS"),
  /** The device's own HELO or EHLO. */
  HELLO("answer to the device's greeting"),
  /** A command of XOAUTH2, or the response to a challenge. */
  SIGN_IN("answer to XOAUTH2");

  private final String answer;

  OriginQuestion(String answer) {
    this.answer = answer;
  }

  String answer() {
    return answer;
  }
}
