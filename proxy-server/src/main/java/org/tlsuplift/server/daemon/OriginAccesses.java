package org.tlsuplift.server.daemon;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.route.HostPattern;
import org.tlsuplift.proxy.signin.MailboxPermits;
import org.tlsuplift.proxy.signin.OriginAccess;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.background.Threads;
import org.tlsuplift.server.cluster.TokenDatabase;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.config.TokenHosts;
import org.tlsuplift.server.graph.AutoTransport;
import org.tlsuplift.server.graph.GraphTransport;
import org.tlsuplift.server.https.HttpsService;
import org.tlsuplift.server.inventory.OriginOutages;
import org.tlsuplift.server.mail.Transport;
import org.tlsuplift.server.mapping.ResolvedConfig;
import org.tlsuplift.server.metrics.MailMetricNames;
import org.tlsuplift.server.metrics.Meters;
import org.tlsuplift.server.metrics.ServerMetrics;
import org.tlsuplift.server.signin.token.CachedTokens;
import org.tlsuplift.server.signin.token.PlatformHttp;
import org.tlsuplift.server.signin.token.TokenOutcome;

/** How accounts sign in at their origins: with the tokens of each tenant, or with passwords. */
public final class OriginAccesses implements AutoCloseable {
  /** More sign-ins at once do not come from devices; a device that is not served tries again. */
  private static final int WAITING_FOR_PASSWORDS = 1024;

  private final SignInConfig signIn;
  private final MailboxPermits limits;
  private final Schedule schedule;
  private final Map<String, CachedTokens> tokens = new LinkedHashMap<>();
  private final LoadedConfig loaded;
  private final ResolvedConfig resolved;
  private final ServerMetrics metrics;
  private final Map<String, GraphTransport> graphs = new ConcurrentHashMap<>();
  private final Queue<Runnable> opened = new ConcurrentLinkedQueue<>();
  private final Cache<String, Boolean> smtpAuthOff =
      Caffeine.newBuilder().expireAfterWrite(Duration.ofHours(1)).build();
  private final Map<String, PlatformHttp> platforms = new HashMap<>();
  private final ExecutorService passwords =
      Threads.upTo(1, WAITING_FOR_PASSWORDS, "uplift-passwords");

  /**
   * Requests no token yet.
   *
   * @param shared has the tokens of users, or null
   * @param limits of the mailboxes of Exchange Online
   */
  OriginAccesses(
      LoadedConfig loaded,
      SignInConfig signIn,
      ResolvedConfig resolvedConfig,
      @Nullable TokenDatabase shared,
      MailboxPermits limits,
      ServerMetrics metrics,
      Schedule schedule) {
    this.signIn = signIn;
    this.limits = limits;
    this.schedule = schedule;
    this.loaded = loaded;
    this.metrics = metrics;
    resolved = resolvedConfig;
    for (SignInTenant tenant : signIn.tenants()) {
      TokenSource source = new TokenSource(loaded, tenant, shared);
      // Tenants at the same identity platform share its event loop.
      PlatformHttp platform =
          platforms.computeIfAbsent(tenant.platform(), address -> source.platform(resolvedConfig));
      metrics.expectTokens(
          tenant.name(), Arrays.stream(TokenOutcome.values()).map(TokenOutcome::label).toList());
      CachedTokens own =
          source.tokens(platform, outcome -> metrics.tokenAsked(tenant.name(), outcome.label()));
      tokens.put(tenant.name(), own);
    }
  }

  private GraphTransport graph(SignInTenant tenant, OriginOutages outages) {
    HttpsService https =
        new HttpsService(
            HttpsService.server(tenant.graphAddress()),
            "signIn.graph",
            GraphTransport.BOUNDS,
            resolved.outgoing());
    PlatformHttp platform = Objects.requireNonNull(platforms.get(tenant.platform()));
    CachedTokens own = new TokenSource(loaded, tenant, null).graphTokens(platform);
    opened.addAll(List.of(own::close, https::close));
    List<HostPattern> uploads = new ArrayList<>(tenant.cloud().exchangeHosts());
    uploads.add(HostPattern.parse(tenant.graphAddress().getHost()));
    return new GraphTransport(
        tenant.graphAddress(),
        uploads,
        tenant.saveToSentItems(),
        GraphTransport.MOST_MIME,
        own,
        https,
        (server, result, failure) -> {
          metrics.graphAsked(result);
          if (failure != null) {
            outages.failed(server, failure);
          } else if (!result.equals("none")) {
            outages.reached(server);
          }
        },
        metrics::graphMaySendTwice);
  }

  /** How the kept messages of a checked account leave. Loads Graph when it is used. */
  Transport transport(SignInConfig.Account account, Transport smtp, OriginOutages outages) {
    SignInTenant tenant = signIn.tenantOf(account).orElseThrow();
    Transport graph = graphs.computeIfAbsent(tenant.name(), missing -> graph(tenant, outages));
    return account.sendBy() == SignInConfig.SendBy.GRAPH
        ? graph
        : new AutoTransport(smtp, graph, smtpAuthOff);
  }

  void observe(Meters meters) {
    tokens.forEach(
        (tenant, own) -> {
          meters.gauge(MailMetricNames.TOKENS, own::usable, tenant, "usable");
          meters.gauge(MailMetricNames.TOKENS, own::missing, tenant, "missing");
          meters.timeOrZero(MailMetricNames.TOKEN_EXPIRY, own::firstExpiry, tenant);
        });
  }

  /**
   * The access of a checked account.
   *
   * @param listeners of the configuration that has the account
   */
  OriginAccess of(SignInConfig.Account account, List<ListenerConfig> listeners) {
    SignInConfig.Upstream upstream = account.upstream();
    if (upstream != null) {
      return new OriginAccess.ByPassword(
          upstream.origin(),
          upstream.user(),
          new PasswordFromFile(upstream.passwordFile(), passwords),
          MailboxPermits.UNLIMITED);
    }
    SignInTenant tenant = signIn.tenantOf(account).orElseThrow();
    return new OriginAccess.ByToken(
        TokenHosts.of(signIn, tenant, listeners),
        Objects.requireNonNull(tokens.get(tenant.name())),
        switch (tenant.service()) {
          case EXCHANGE -> limits;
          case HVE -> MailboxPermits.UNLIMITED;
        });
  }

  /** Keeps tokens for the mailboxes of these accounts. */
  void keep(List<SignInConfig.Account> accounts) {
    Map<String, List<String>> mailboxes = new HashMap<>();
    for (SignInConfig.Account account : accounts) {
      signIn
          .tenantOf(account)
          .ifPresent(
              tenant ->
                  mailboxes
                      .computeIfAbsent(tenant.name(), name -> new ArrayList<>())
                      .add(account.mailbox()));
    }
    tokens.forEach((tenant, own) -> own.keep(mailboxes.getOrDefault(tenant, List.of()), schedule));
  }

  /** The tenants with mailboxes without a token. */
  Stream<String> withoutTokens() {
    return tokens.entrySet().stream()
        .filter(each -> each.getValue().missing() > 0)
        .map(Map.Entry::getKey);
  }

  @Override
  public void close() {
    passwords.shutdownNow();
    opened.forEach(Runnable::run);
    tokens.values().forEach(CachedTokens::close);
    platforms.values().forEach(PlatformHttp::close);
  }
}
