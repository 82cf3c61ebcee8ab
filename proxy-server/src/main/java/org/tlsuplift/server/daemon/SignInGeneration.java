package org.tlsuplift.server.daemon;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.Route;
import org.tlsuplift.proxy.signin.AccountResult;
import org.tlsuplift.proxy.signin.MailAccount;
import org.tlsuplift.proxy.signin.MailboxPermits;
import org.tlsuplift.proxy.signin.SignIn;
import org.tlsuplift.proxy.tls.OriginTrust;
import org.tlsuplift.proxy.upstream.dial.UpstreamSpec;
import org.tlsuplift.server.audit.AuditJournal;
import org.tlsuplift.server.audit.AuditRecord;
import org.tlsuplift.server.audit.AuditRecord.Via;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.cluster.TokenDatabase;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.RouteConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.daemon.watch.AccountsWatch;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.inventory.OriginOutages;
import org.tlsuplift.server.mail.OutgoingMessage;
import org.tlsuplift.server.mail.Transport;
import org.tlsuplift.server.mapping.ResolvedConfig;
import org.tlsuplift.server.metrics.MailMetricNames;
import org.tlsuplift.server.metrics.Meters;
import org.tlsuplift.server.signin.AccountEntry;
import org.tlsuplift.server.signin.PasswordHash;

/** The accounts and tokens of one checked configuration. */
public final class SignInGeneration {
  private static final Logger log = LoggerFactory.getLogger(SignInGeneration.class);

  private final ServerConfig config;
  private final SignInConfig signIn;
  private final SharedSignIn services;
  private final Schedule schedule;
  private final Connections connections;
  private final OriginAccesses accesses;
  private final AccountsWatch watch;
  private final @Nullable AccountsSync sync;
  private volatile List<SignInConfig.Account> byGraph = List.of();

  /** What decides how tokens are requested. */
  private record Connections(
      List<SignInTenant> tenants,
      List<RouteConfig> routes,
      List<@Nullable Egress> exits,
      UpstreamSpec upstream,
      OriginTrust trust,
      TlsVersion maximumUpstream) {}

  private SignInGeneration(
      LoadedConfig loaded,
      SignInConfig signIn,
      ResolvedConfig resolved,
      SharedSignIn services,
      @Nullable SignInGeneration before) {
    config = loaded.config();
    this.signIn = signIn;
    this.services = services;
    schedule = services.schedule().part();
    connections =
        new Connections(
            signIn.tenants(),
            config.routes(),
            resolved.routes().routes().stream().<@Nullable Egress>map(Route::egress).toList(),
            resolved.upstream(),
            resolved.trust(),
            resolved.maximumUpstream());
    accesses =
        before != null && before.connections.equals(connections)
            ? before.accesses
            : new OriginAccesses(
                loaded,
                signIn,
                resolved,
                services.tokens(),
                services.permits(),
                services.metrics(),
                services.schedule());
    watch = new AccountsWatch(signIn, this::take);
    TokenDatabase shared = services.tokens();
    sync =
        signIn.shareAccounts() && signIn.accountsFile() != null && shared != null
            ? new AccountsSync(
                signIn.accountsFile(), signIn, shared.accounts(), this::recordSettled)
            : null;
  }

  private void recordSettled(Change settled) throws IOException {
    new AuditJournal(config.dataDirectory())
        .append(AuditRecord.of(Instant.now(), "", "", "", Via.PAGES, "accounts.settled", settled));
    log.warn(
        "the database responds again: {} of the accounts {}", settled.object(), settled.after());
  }

  /** Whether devices sign in at a listener of this configuration. */
  public static boolean isNeeded(ServerConfig config) {
    return config.signIn() != null && config.listeners().stream().anyMatch(ListenerConfig::signIn);
  }

  /**
   * Opens the accounts, and requests no token yet.
   *
   * @param before the generation before, or null; tokens stay if they are requested in the same way
   */
  static SignInGeneration open(
      LoadedConfig loaded,
      SignInConfig signIn,
      ResolvedConfig resolved,
      SharedSignIn services,
      @Nullable SignInGeneration before) {
    return new SignInGeneration(loaded, signIn, resolved, services, before);
  }

  /** Adds sign-in to the listeners that have {@code signIn}. */
  public ResolvedConfig into(ResolvedConfig resolved) {
    Set<String> listeners =
        config.listeners().stream()
            .filter(ListenerConfig::signIn)
            .map(ListenerConfig::name)
            .collect(Collectors.toUnmodifiableSet());
    return resolved.signingIn(listeners, new SignIn(services.accounts()));
  }

  public void observe(Meters meters) {
    meters.gauge(MailMetricNames.ACCOUNTS, services.accounts()::size);
    meters.flag(
        MailMetricNames.ACCOUNTS_FILE_BAD, () -> watch.isBad() || (sync != null && sync.isBad()));
    accesses.observe(meters);
  }

  /** The limits of the mailboxes. */
  MailboxPermits permits() {
    return services.permits();
  }

  /** Reads the accounts, applies the limits, and starts requesting tokens. */
  public void start() {
    services.limit(config, signIn);
    if (sync != null) {
      sync.start(schedule);
    }
    watch.start(schedule);
  }

  /**
   * Stops watching the accounts. Tokens for sessions that still sign in are requested when needed.
   * If the next configuration has no sign-in, all accounts are removed.
   *
   * @param next the next generation, or null without sign-in
   */
  public void supersede(@Nullable SignInGeneration next) {
    schedule.close();
    if (next == null) {
      services.replaceAccounts(List.of());
    }
    if (next == null || next.accesses != accesses) {
      accesses.keep(List.of());
    }
  }

  /**
   * How a kept message leaves: by its account, if any account with this mailbox says so.
   *
   * @param smtp sends by SMTP
   * @param outages hears whether Microsoft Graph responds
   */
  public Transport transport(OutgoingMessage message, Transport smtp, OriginOutages outages) {
    return byGraph.stream()
        .filter(account -> account.mailbox().equalsIgnoreCase(message.envelope().account()))
        .findFirst()
        .map(account -> accesses.transport(account, smtp, outages))
        .orElse(smtp);
  }

  private void take(List<SignInConfig.Account> all) {
    byGraph = all.stream().filter(each -> each.sendBy() != SignInConfig.SendBy.SMTP).toList();
    services.replaceAccounts(all.stream().map(this::entry).toList());
    accesses.keep(all.stream().filter(account -> !account.disabled()).toList());
  }

  private AccountEntry entry(SignInConfig.Account account) {
    String hash = account.passwordHash();
    return new AccountEntry(
        account.login(),
        hash == null ? null : PasswordHash.parse(hash),
        account.devices(),
        new MailAccount(account.mailbox(), account.allowedSenders()),
        accesses.of(account, config.listeners()),
        !account.disabled());
  }

  /**
   * The account that waiting mail of a mailbox leaves with; empty if it was removed or disabled.
   */
  Optional<AccountResult.Known> accountOf(String mailbox) {
    return services.accounts().byMailbox(mailbox);
  }

  /** Shares the accounts with other instances; null if they are not shared. */
  @Nullable AccountsSync sync() {
    return sync;
  }

  /** Reads the accounts file, which this process has just written. */
  void readAccounts() {
    watch.read();
  }

  public OriginAccesses accesses() {
    return accesses;
  }

  /** What is closed when no session needs it. */
  public List<AutoCloseable> closeable() {
    return List.of(schedule, accesses);
  }
}
