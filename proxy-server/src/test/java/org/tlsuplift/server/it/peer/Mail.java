package org.tlsuplift.server.it.peer;

import java.util.Locale;

/** The protocols of mail, with the ports that everybody knows. */
public enum Mail {
  SMTP(587, 465),
  IMAP(143, 993),
  POP3(110, 995);

  private final int startTls;
  private final int implicit;

  Mail(int startTls, int implicit) {
    this.startTls = startTls;
    this.implicit = implicit;
  }

  /** The label in configurations, metrics and addresses. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  int port(TlsForm form) {
    return switch (form) {
      case STARTTLS -> startTls;
      case IMPLICIT -> implicit;
    };
  }
}
