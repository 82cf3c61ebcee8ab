package org.tlsuplift.server.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.config.binding.Problems;

/**
 * Checks that span several accounts: each login and device belongs to one account, and each account
 * to one tenant or to none.
 */
public final class AccountChecks {
  static final int MAX_ACCOUNTS = 10_000;

  private final List<SignInConfig.Account> accounts;
  private final List<SignInTenant> tenants;
  private final IntFunction<String> path;
  private final Problems problems;

  /** An address block of an account without a login. */
  private record Block(Cidr devices, int account) {}

  private AccountChecks(
      List<SignInConfig.Account> accounts,
      List<SignInTenant> tenants,
      IntFunction<String> path,
      Problems problems) {
    this.accounts = accounts;
    this.tenants = tenants;
    this.path = path;
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
    AccountChecks checks = new AccountChecks(accounts, tenants, path, problems);
    checks.number();
    for (int i = 0; i < accounts.size(); i++) {
      checks.tenant(path.apply(i), accounts.get(i));
    }
    checks.logins();
    checks.blocks();
  }

  private void number() {
    if (accounts.size() > MAX_ACCOUNTS) {
      problems.error(
          path.apply(MAX_ACCOUNTS),
          "there are " + accounts.size() + " accounts",
          "at most " + MAX_ACCOUNTS,
          "remove accounts: one account serves any number of devices");
    }
  }

  private void tenant(String at, SignInConfig.Account account) {
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

  private void logins() {
    Map<String, Integer> taken = new HashMap<>();
    for (int i = 0; i < accounts.size(); i++) {
      String login = accounts.get(i).login();
      Integer other = login == null ? null : taken.putIfAbsent(login, i);
      if (login != null && other != null && problems.clean(path.apply(i) + ".login")) {
        problems.error(
            path.apply(i) + ".login",
            Problems.got(login),
            "a unique login",
            path.apply(other) + " has the same login; upper and lower case are ignored");
      }
    }
  }

  private void blocks() {
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < accounts.size(); i++) {
      if (accounts.get(i).login() == null) {
        for (Cidr devices : accounts.get(i).devices()) {
          blocks.add(new Block(devices, i));
        }
      }
    }
    // Blocks are separate or nested: after sorting, a block that contains others contains the
    // next one.
    blocks.sort(
        Comparator.comparing(
                (Block block) -> block.devices().network().getAddress(), AccountChecks::compare)
            .thenComparing(block -> block.devices().prefixLength()));
    for (int i = 1; i < blocks.size(); i++) {
      Block outer = blocks.get(i - 1);
      Block inner = blocks.get(i);
      if (outer.devices().contains(inner.devices().network())) {
        problems.error(
            path.apply(inner.account()) + ".devices",
            Problems.got(inner.devices()),
            "address blocks that no other account without 'login' has",
            "%s has %s without 'login' too; give one of the two a login, or separate the blocks"
                .formatted(path.apply(outer.account()), outer.devices()));
      }
    }
  }

  private static int compare(byte[] one, byte[] other) {
    return one.length == other.length
        ? Arrays.compareUnsigned(one, other)
        : Integer.compare(one.length, other.length);
  }
}
