package org.tlsuplift.server.config;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.config.binding.Problems;

/**
 * Checks that span several accounts: each login and device belongs to one account, and each account
 * to one tenant or to none. The time for an account does not depend on the number of the others.
 */
public final class AccountChecks {
  static final int MAX_ACCOUNTS = 10_000;

  private final List<SignInTenant> tenants;
  private final Problems problems;
  private final Map<String, String> logins = new HashMap<>();

  /** By their first address. Blocks are separate or nested, and these are separate. */
  private final NavigableMap<byte[], Block> blocks = new TreeMap<>(AccountChecks::compare);

  private int count;

  /** An address block of an account without a login. */
  private record Block(Cidr devices, String account) {}

  AccountChecks(List<SignInTenant> tenants, Problems problems) {
    this.tenants = tenants;
    this.problems = problems;
  }

  /**
   * Checks all accounts that apply at the same time.
   *
   * @param path of an account, such as {@code signIn.accounts[0]}
   */
  public static void check(
      List<SignInConfig.Account> accounts,
      List<SignInTenant> tenants,
      IntFunction<String> path,
      Problems problems) {
    AccountChecks checks = new AccountChecks(tenants, problems);
    for (int i = 0; i < accounts.size(); i++) {
      checks.add(path.apply(i), accounts.get(i));
    }
  }

  /**
   * Checks an account beside those that were added before.
   *
   * @param path such as {@code signIn.accounts[0]}
   */
  public void add(String path, SignInConfig.Account account) {
    if (++count == MAX_ACCOUNTS + 1) {
      problems.error(
          path,
          "there are more than " + MAX_ACCOUNTS + " accounts",
          "at most " + MAX_ACCOUNTS,
          "remove accounts: one account serves any number of devices");
    }
    tenant(path, account);
    login(path, account);
    if (account.login() == null) {
      account.devices().forEach(each -> block(new Block(each, path)));
    }
  }

  /** Forgets an account that was added with this path. */
  public void remove(String path, SignInConfig.Account account) {
    count--;
    logins.remove(account.login(), path);
    for (Cidr each : account.devices()) {
      blocks.remove(each.network().getAddress(), new Block(each, path));
    }
  }

  /** Checks the tenant of an account that replaces one with the same login or addresses. */
  public void tenant(String at, SignInConfig.Account account) {
    String tenant = account.tenant();
    if (account.upstream() != null || !problems.clean(at + ".tenant")) {
      return;
    }
    if (tenants.isEmpty()) {
      problems.error(
          at + ".upstream",
          "missing",
          "'upstream', or a tenant in 'signIn'",
          "set 'tenant' and 'applicationId' of 'signIn', or let the account sign in with a password");
      return;
    }
    List<SignInTenant> meant =
        tenants.stream().filter(each -> tenant == null || tenant.equals(each.name())).toList();
    List<String> names = tenants.stream().map(SignInTenant::name).distinct().toList();
    String expected = String.join(", ", names);
    if (tenant == null && names.size() > 1) {
      problems.error(at + ".tenant", "missing", expected, "name the tenant that has the mailbox");
    } else if (meant.isEmpty()) {
      problems.error(
          at + ".tenant", Problems.got(String.valueOf(tenant)), expected, "correct the name");
    } else if (account.sendBy() != SignInConfig.SendBy.SMTP && !meant.get(0).maySendByGraph()) {
      problems.error(
          at + ".sendBy",
          Problems.got(account.sendBy().label()),
          "smtp, or a tenant with 'flow: application' and 'service: exchange'",
          "Graph sends for an application that signs in by itself, and not for High Volume Email");
    }
  }

  private void login(String path, SignInConfig.Account account) {
    String login = account.login();
    String other = login == null ? null : logins.putIfAbsent(login, path);
    if (login != null && other != null && problems.clean(path + ".login")) {
      problems.error(
          path + ".login",
          Problems.got(login),
          "a unique login",
          other + " has the same login; upper and lower case are ignored");
    }
  }

  private void block(Block added) {
    byte[] first = added.devices().network().getAddress();
    Map.Entry<byte[], Block> before = blocks.floorEntry(first);
    Map.Entry<byte[], Block> after = blocks.ceilingEntry(first);
    Block other =
        before != null && before.getValue().devices().contains(added.devices().network())
            ? before.getValue()
            : after != null && added.devices().contains(after.getValue().devices().network())
                ? after.getValue()
                : null;
    if (other == null) {
      blocks.put(first, added);
    } else {
      problems.error(
          added.account() + ".devices",
          Problems.got(added.devices()),
          "address blocks that no other account without 'login' has",
          "%s has %s without 'login' too; give one of the two a login, or separate the blocks"
              .formatted(other.account(), other.devices()));
    }
  }

  private static int compare(byte[] one, byte[] other) {
    return one.length == other.length
        ? Arrays.compareUnsigned(one, other)
        : Integer.compare(one.length, other.length);
  }
}
