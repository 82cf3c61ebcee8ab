package org.tlsuplift.server.signin;

import java.net.InetAddress;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.signin.AccountResult;
import org.tlsuplift.proxy.signin.MailAccount;
import org.tlsuplift.proxy.signin.OriginAccess;

/**
 * One account.
 *
 * @param login in lower case, or null if the address identifies devices
 * @param password null without a login
 * @param devices the allowed addresses; empty for all, which needs a login
 * @param account the mailbox
 * @param access how this proxy signs in at the origin for it
 * @param enabled whether it admits devices
 */
public record AccountEntry(
    @Nullable String login,
    @Nullable PasswordHash password,
    List<Cidr> devices,
    MailAccount account,
    OriginAccess access,
    boolean enabled) {
  /** Refuses an account without login and devices, which would match every device. */
  public AccountEntry {
    devices = List.copyOf(devices);
    if ((login == null) != (password == null) || (login == null && devices.isEmpty())) {
      throw new IllegalArgumentException("an account needs a login with a password, or devices");
    }
  }

  AccountResult.Known known(AccountResult.Standing standing) {
    return new AccountResult.Known(account, access, standing);
  }

  /** What no other account has: the login or, without one, the addresses. */
  String key() {
    return key(login, devices);
  }

  /** The key of an account with this login, or without one with these addresses. */
  public static String key(@Nullable String login, List<Cidr> devices) {
    return login == null
        ? devices.stream().map(Cidr::toString).collect(Collectors.joining(", "))
        : login;
  }

  /** Whether another account has the same login, password, mailbox and senders. */
  boolean isLike(AccountEntry other) {
    return Objects.equals(login, other.login)
        && Objects.equals(password, other.password)
        && account.equals(other.account);
  }

  boolean serves(InetAddress device) {
    return enabled
        && (devices.isEmpty() || devices.stream().anyMatch(block -> block.contains(device)));
  }
}
