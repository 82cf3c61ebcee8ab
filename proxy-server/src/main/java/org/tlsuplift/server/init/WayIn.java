package org.tlsuplift.server.init;

import java.util.EnumSet;
import java.util.Set;
import org.tlsuplift.proxy.model.Labelled;

/** How devices reach Microsoft 365 through this machine, in the order of the questions. */
public enum WayIn implements Labelled {
  PROXY("proxy", "devices with a setting for an HTTP or HTTPS proxy (port 3128)"),
  HTTPS(
      "https", "devices with a setting for a server, instead of outlook.office365.com (port 8443)"),
  SCAN_TO_MAIL("scan-to-mail", "printers that send mail (port 2587 STARTTLS, port 2465 SSL/TLS)"),
  MAILBOXES("mailboxes", "programs that read mail (IMAP on port 2993, POP3 on port 2995)"),
  SIGN_IN(
      "sign-in",
      "mail devices that support only passwords: TLS Uplift signs in with OAuth for them"),
  DIRECT_SEND(
      "direct-send",
      "printers that send mail inside your organization, without sign-in (port 2525)"),
  SOCKS("socks", "devices with a setting for a SOCKS proxy (port 1080)"),
  TRANSPARENT("transparent", "devices without a setting: nftables redirects them (port 8444)"),
  ANTIQUE("antique", "devices with only SSL 3.0, RC4 or 3DES: separate ports, for a limited time");

  private final String label;
  private final String purpose;

  WayIn(String label, String purpose) {
    this.label = label;
    this.purpose = purpose;
  }

  /** The ways that most networks need first. */
  static Set<WayIn> usual() {
    return EnumSet.of(PROXY, HTTPS, SCAN_TO_MAIL);
  }

  @Override
  public String label() {
    return label;
  }

  /** The devices that the way is for, as part of a line. */
  public String purpose() {
    return purpose;
  }
}
