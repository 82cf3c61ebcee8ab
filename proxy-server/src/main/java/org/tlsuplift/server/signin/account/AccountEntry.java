package org.tlsuplift.server.signin.account;

import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.signin.MailAccount;
import org.tlsuplift.server.signin.password.PasswordHash;

/**
 * One account.
 *
 * @param login in lower case, or null if devices are known by their address
 * @param password null without a login
 * @param devices where it may come from; empty for everywhere, which needs a login
 * @param account whose mailbox it is
 */
public record AccountEntry(
    @Nullable String login,
    @Nullable PasswordHash password,
    List<Cidr> devices,
    MailAccount account) {
  /** Copies the list, and refuses an account that would be everybody's. */
  public AccountEntry {
    devices = List.copyOf(devices);
    if ((login == null) != (password == null) || (login == null && devices.isEmpty())) {
      throw new IllegalArgumentException("an account needs a login with a password, or devices");
    }
  }

  boolean serves(InetAddress device) {
    return devices.isEmpty() || devices.stream().anyMatch(block -> block.contains(device));
  }
}
