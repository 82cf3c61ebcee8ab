package org.tlsuplift.server.signin;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.route.Cidr;

/** All accounts at one moment, by login and by address. Immutable. */
final class AccountTable {
  private final Map<String, AccountEntry> byLogin = new HashMap<>();
  private final NavigableMap<byte[], Block> byAddress = new TreeMap<>(AccountTable::compare);
  private final Map<String, AccountEntry> enabled = new HashMap<>();
  final Set<String> mailboxes;
  final int size;

  private record Block(Cidr devices, AccountEntry entry) {}

  /**
   * @param entries with different logins, and with separate address blocks if they have no login
   */
  AccountTable(List<AccountEntry> entries) {
    for (AccountEntry entry : entries) {
      if (entry.enabled()) {
        enabled.putIfAbsent(entry.account().mailbox().toLowerCase(Locale.ROOT), entry);
      }
      if (entry.login() != null) {
        byLogin.put(entry.login(), entry);
      } else {
        entry
            .devices()
            .forEach(block -> byAddress.put(block.network().getAddress(), new Block(block, entry)));
      }
    }
    mailboxes =
        entries.stream()
            .map(entry -> entry.account().mailbox())
            .collect(Collectors.toUnmodifiableSet());
    size = entries.size();
  }

  Optional<AccountEntry> byLogin(String login) {
    return Optional.ofNullable(byLogin.get(login.toLowerCase(Locale.ROOT)));
  }

  Optional<AccountEntry> byAddress(InetAddress device) {
    Map.Entry<byte[], Block> nearest = byAddress.floorEntry(device.getAddress());
    return Optional.ofNullable(nearest)
        .map(Map.Entry::getValue)
        .filter(block -> block.devices().contains(device))
        .map(Block::entry);
  }

  /** The first enabled account of a mailbox. */
  Optional<AccountEntry> byMailbox(String mailbox) {
    return Optional.ofNullable(enabled.get(mailbox.toLowerCase(Locale.ROOT)));
  }

  /** Any account with a password, for the comparison if the login is unknown. */
  @Nullable AccountEntry anyWithPassword() {
    return byLogin.values().stream().findFirst().orElse(null);
  }

  private static int compare(byte[] one, byte[] other) {
    return one.length == other.length
        ? Arrays.compareUnsigned(one, other)
        : Integer.compare(one.length, other.length);
  }
}
