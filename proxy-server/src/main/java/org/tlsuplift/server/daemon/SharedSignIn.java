package org.tlsuplift.server.daemon;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.signin.MailboxPermits;
import org.tlsuplift.proxy.signin.limits.MailboxLimiter;
import org.tlsuplift.proxy.signin.limits.MailboxLimits;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.cluster.Instances;
import org.tlsuplift.server.cluster.SharedLimits;
import org.tlsuplift.server.cluster.TokenDatabase;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.metrics.MailMetricNames;
import org.tlsuplift.server.metrics.ServerMetrics;
import org.tlsuplift.server.signin.AccountBook;
import org.tlsuplift.server.signin.AccountEntry;
import org.tlsuplift.server.signin.SignInTimes;

/**
 * What all configurations with sign-in share: the accounts, with the failed passwords of each
 * device, the sessions and messages of each mailbox, and the database for the tokens of users.
 */
public final class SharedSignIn implements AutoCloseable {
  private final ServerMetrics metrics;
  private final AccountBook accounts;
  private final Runnable accountsChanged;
  private final Schedule schedule;
  private final MailboxLimiter limiter;
  private final @Nullable SharedLimits shared;
  private final @Nullable TokenDatabase tokens;

  /**
   * Starts without accounts.
   *
   * @param times gets the sign-ins
   * @param instances null if no others share the limits
   * @param accountsChanged called after each change of the accounts
   * @throws OperatorException if the key for the tokens of users cannot be read
   */
  public SharedSignIn(
      ServerConfig config,
      SignInConfig signIn,
      ServerMetrics metrics,
      SignInTimes times,
      @Nullable Instances instances,
      Runnable accountsChanged,
      Schedule schedule)
      throws OperatorException {
    this.schedule = schedule;
    tokens = TokenSource.databaseOfDaemon(config, schedule);
    this.metrics = metrics;
    limiter = limiter(signIn.limits().mailbox(), networks(config));
    shared =
        instances == null
            ? null
            : new SharedLimits(limiter, signIn.limits().mailbox(), networks(config), instances);
    accounts = new AccountBook(List.of(), networks(config), times);
    this.accountsChanged = accountsChanged;
  }

  private static DeviceNetworks networks(ServerConfig config) {
    return new DeviceNetworks(config.limits().ipv6Prefix());
  }

  private MailboxLimiter limiter(MailboxLimits limits, DeviceNetworks networks) {
    MailboxLimiter limiter =
        new MailboxLimiter(limits, networks, schedule.timer(), metrics.mailboxObserver());
    metrics.meters().gauge(MailMetricNames.MAILBOX_SESSIONS, limiter::sessions);
    metrics.meters().gauge(MailMetricNames.MAILBOX_WAITING, limiter::waiting);
    return limiter;
  }

  Schedule schedule() {
    return schedule;
  }

  ServerMetrics metrics() {
    return metrics;
  }

  AccountBook accounts() {
    return accounts;
  }

  /** Gives other accounts to sign-ins, and to the sessions that are signed in. */
  void replaceAccounts(List<AccountEntry> entries) {
    accounts.replace(entries);
    accountsChanged.run();
  }

  /** Has the tokens of users; null if they are in the data directory. */
  @Nullable TokenDatabase tokens() {
    return tokens;
  }

  MailboxPermits permits() {
    return shared == null ? limiter : shared;
  }

  /** Applies the limits of another configuration. */
  void limit(ServerConfig config, SignInConfig signIn) {
    if (shared == null) {
      limiter.limit(signIn.limits().mailbox(), networks(config));
    } else {
      shared.limit(signIn.limits().mailbox(), networks(config));
    }
    accounts.group(networks(config));
  }

  @Override
  public void close() {
    accounts.close();
    if (tokens != null) {
      tokens.close();
    }
  }
}
