package org.tlsuplift.server.daemon;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.proxy.signin.MailAccount;
import org.tlsuplift.proxy.signin.SignIn;
import org.tlsuplift.proxy.signin.limits.MailboxLimiter;
import org.tlsuplift.proxy.signin.limits.MailboxLimits;
import org.tlsuplift.proxy.signin.limits.MailboxObserver;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.daemon.watch.AccountsWatch;
import org.tlsuplift.server.metrics.ServerMetrics;
import org.tlsuplift.server.metrics.SignInMeters;
import org.tlsuplift.server.signin.account.AccountBook;
import org.tlsuplift.server.signin.account.AccountEntry;
import org.tlsuplift.server.signin.password.PasswordHash;

/** The accounts and tokens of a checked configuration. */
final class SignInServices implements AutoCloseable {
  private final Set<String> listeners;
  private final AccountBook accounts;
  private final AccountsWatch watch;
  private final OriginAccesses accesses;
  private final ScheduledExecutorService permits =
      Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("uplift-turns", true));
  private final MailboxLimiter keeper;

  private SignInServices(
      ServerConfig config,
      SignInConfig signIn,
      ResolvedConfig resolvedConfig,
      ServerMetrics metrics) {
    listeners =
        config.listeners().stream()
            .filter(ListenerConfig::signIn)
            .map(ListenerConfig::name)
            .collect(Collectors.toUnmodifiableSet());
    SignInMeters meters = metrics.signIn();
    DeviceNetworks networks = new DeviceNetworks(config.limits().ipv6Prefix());
    keeper = keeper(signIn.limits(), networks, metrics);
    accesses = new OriginAccesses(config, signIn, resolvedConfig, keeper, meters);
    accounts = new AccountBook(List.of(), networks);
    watch = new AccountsWatch(signIn, this::take);
    meters.observeAccounts(accounts::size, watch::isBad);
  }

  private MailboxLimiter keeper(
      MailboxLimits limits, DeviceNetworks networks, ServerMetrics metrics) {
    AtomicReference<@Nullable MailboxLimiter> made = new AtomicReference<>();
    MailboxObserver observer =
        metrics.observeMailboxes(
            () -> count(made.get(), MailboxLimiter::sessions),
            () -> count(made.get(), MailboxLimiter::waiting));
    MailboxLimiter keeper = new MailboxLimiter(limits, networks, permits, observer);
    made.set(keeper);
    return keeper;
  }

  private static int count(@Nullable MailboxLimiter keeper, ToIntFunction<MailboxLimiter> what) {
    return keeper == null ? 0 : what.applyAsInt(keeper);
  }

  /**
   * Opens the accounts, and requests no token yet. Returns null if no listener has {@code signIn}.
   */
  static @Nullable SignInServices open(
      ServerConfig config, ResolvedConfig resolvedConfig, ServerMetrics metrics) {
    SignInConfig signIn = config.signIn();
    return signIn == null || config.listeners().stream().noneMatch(ListenerConfig::signIn)
        ? null
        : new SignInServices(config, signIn, resolvedConfig, metrics);
  }

  /** Adds sign-in to the listeners that have {@code signIn}. */
  ResolvedConfig into(ResolvedConfig resolvedConfig) {
    return resolvedConfig.signingIn(listeners, new SignIn(accounts));
  }

  /** Reads the accounts, and starts requesting tokens. */
  void start() {
    watch.start();
  }

  private void take(List<SignInConfig.Account> all) {
    accounts.replace(all.stream().map(this::entry).toList());
    accesses.keep(all);
  }

  private AccountEntry entry(SignInConfig.Account account) {
    String hash = account.passwordHash();
    return new AccountEntry(
        account.login(),
        hash == null ? null : PasswordHash.parse(hash),
        account.devices(),
        new MailAccount(account.mailbox(), account.allowedSenders()),
        accesses.of(account));
  }

  @Override
  public void close() {
    watch.close();
    permits.shutdownNow();
    accounts.close();
    accesses.close();
  }
}
