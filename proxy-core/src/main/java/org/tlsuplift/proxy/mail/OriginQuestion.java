package org.tlsuplift.proxy.mail;

/** What is waited for or asked of an origin, one at a time. */
enum OriginQuestion {
  GREETING("greeting"),
  CAPABILITIES("list of capabilities"),
  START_TLS("answer to STARTTLS"),
  /** To take note of the device's name. */
  HELLO("answer to the device's greeting"),
  /** To take our word for who we are, or to go on with that. */
  SIGN_IN("answer to XOAUTH2");

  private final String answer;

  OriginQuestion(String answer) {
    this.answer = answer;
  }

  String answer() {
    return answer;
  }
}
