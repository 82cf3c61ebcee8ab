package org.tlsuplift.proxy.signin.dialogue;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.DeviceCommand;

/** The name in the EHLO that this proxy sends to an SMTP origin for a device. Stateless. */
public final class OwnName {
  private static final String LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";

  /** RFC 5321 section 4.1.2: a domain of letters, digits and hyphens, or an address literal. */
  private static final Pattern VALID =
      Pattern.compile(LABEL + "(?:\\." + LABEL + ")*+|\\[(?:IPv6:)?[0-9A-Fa-f:.]{2,45}]");

  private OwnName() {}

  /**
   * The device's own name if it is valid. Many names have underscores or spaces, which Exchange
   * refuses with {@code 501 5.5.4 Invalid domain name}.
   *
   * @param introduction the device's HELO or EHLO line, or null
   * @return null if EHLO must have an address literal instead
   */
  public static @Nullable String of(@Nullable String introduction) {
    String name = introduction == null ? "" : DeviceCommand.nameIn(introduction);
    return VALID.matcher(name).matches() ? name : null;
  }
}
