package org.tlsuplift.proxy.mail.guard;

import java.util.Set;

/** The SMTP capabilities that a guard removes from the origin's list. */
public final class HiddenCapabilities {
  /**
   * For devices that this proxy signs in: TLS has already started, and the guard must be able to
   * read where a message starts and ends (RFC 3030 for CHUNKING).
   */
  public static final Set<String> SIGNED_IN =
      Set.of("STARTTLS", "AUTH", "CHUNKING", "BINARYMIME", "BURL", "XCLIENT", "XFORWARD", "ETRN");

  private HiddenCapabilities() {}
}
