package org.tlsuplift.server.init;

import java.util.EnumSet;
import java.util.Set;
import org.tlsuplift.proxy.model.Labelled;

/** How devices reach Microsoft 365 through this machine, in the order of the questions. */
public enum WayIn implements Labelled.WithDashes {
  PROXY("devices with a setting for an HTTP or HTTPS proxy (port 3128)"),
  HTTPS("devices with a setting for a server, instead of outlook.office365.com (port 8443)"),
  SCAN_TO_MAIL("printers that send mail (port 2587 STARTTLS, port 2465 SSL/TLS)"),
  MAILBOXES("programs that read mail (IMAP on port 2993, POP3 on port 2995)"),
  SIGN_IN("mail devices that support only passwords: TLS Uplift signs in with OAuth for them"),
  DIRECT_SEND("printers that send mail inside your organization, without sign-in (port 2525)"),
  SOCKS("devices with a setting for a SOCKS proxy (port 1080)"),
  TRANSPARENT("devices without a setting: nftables redirects them (port 8444)"),
  ANTIQUE("devices with only SSL 3.0, RC4 or 3DES: separate ports, for a limited time");

  private final String purpose;

  WayIn(String purpose) {
    this.purpose = purpose;
  }

  /** The ways that most networks need first. */
  static Set<WayIn> usual() {
    return EnumSet.of(PROXY, HTTPS, SCAN_TO_MAIL);
  }

  /** The devices that the way is for, as part of a line. */
  public String purpose() {
    return purpose;
  }
}
