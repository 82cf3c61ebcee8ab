package org.tlsuplift.server.daemon;

import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.negotiate.AcceptMode;
import org.tlsuplift.server.cluster.TokenDatabase;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.daemon.watch.IdentityWatch;
import org.tlsuplift.server.doctor.CheckTarget;
import org.tlsuplift.server.doctor.Doctor;
import org.tlsuplift.server.doctor.MailOriginConnection;
import org.tlsuplift.server.doctor.PasswordTarget;
import org.tlsuplift.server.feature.CheckResult;
import org.tlsuplift.server.feature.Finding;
import org.tlsuplift.server.mapping.ConfigMapper;
import org.tlsuplift.server.mapping.ResolvedConfig;
import org.tlsuplift.server.signin.token.CachedTokens;
import org.tlsuplift.server.signin.token.PlatformHttp;

/** Opens the services that the doctor needs, in the same way as the daemon. */
public final class DoctorSetup implements AutoCloseable {
  private final ResolvedConfig resolvedConfig;
  private final IdentityWatch identities;
  private final @Nullable SignInConfig signIn;
  private final @Nullable TokenDatabase shared;
  private final Map<String, PlatformHttp> platforms = new HashMap<>();
  private final Map<String, CachedTokens> tokens = new HashMap<>();
  private final Set<String> spooled;
  private final Doctor doctor;

  /**
   * @param progress gets each finding as soon as its step has ended
   */
  public DoctorSetup(LoadedConfig loaded, Clock clock, Consumer<Finding> progress)
      throws Exception {
    this(loaded, clock, progress, UnaryOperator.identity());
  }

  /**
   * @param credential replaces the credential of a tenant
   */
  DoctorSetup(
      LoadedConfig loaded,
      Clock clock,
      Consumer<Finding> progress,
      UnaryOperator<SignInTenant> credential)
      throws Exception {
    resolvedConfig = ConfigMapper.map(loaded);
    identities = IdentityWatch.open(loaded);
    signIn = loaded.config().signIn();
    shared = TokenSource.database(loaded.config());
    for (SignInTenant tenant : signIn == null ? List.<SignInTenant>of() : signIn.tenants()) {
      TokenSource source = new TokenSource(loaded, credential.apply(tenant), shared);
      PlatformHttp platform =
          platforms.computeIfAbsent(tenant.platform(), at -> source.platform(resolvedConfig));
      tokens.put(tenant.name(), source.tokens(platform, outcome -> {}));
    }
    spooled =
        loaded.config().listeners().stream()
            .filter(each -> each.spool() != null)
            .map(ListenerConfig::name)
            .collect(Collectors.toSet());
    doctor = new Doctor(tokens, clock, progress);
  }

  /**
   * Checks the path of a mail listener with a fixed origin.
   *
   * @param account the account to sign in, or null if devices sign in themselves
   */
  public CheckResult examine(String listener, SignInConfig.@Nullable Account account)
      throws Exception {
    ListenerSpec spec =
        resolvedConfig.listeners().stream()
            .filter(each -> each.name().equals(listener))
            .findFirst()
            .orElseThrow();
    MailService mail = Objects.requireNonNull(spec.mail().service(), "mail");
    HostPort origin = ((AcceptMode.Fixed) spec.accept()).origin();
    try (MailOriginConnection way =
        new MailOriginConnection(
            resolvedConfig.outgoing(),
            origin,
            mail,
            resolvedConfig.routes().scope(origin, resolvedConfig.upstream().privateAddresses()),
            identities.sources(),
            resolvedConfig.routes().clientCertificate(origin).orElse(null))) {
      if (account == null || signIn == null) {
        return doctor.examine(listener, way, spooled.contains(listener));
      }
      List<String> senders =
          account.allowedSenders().stream().filter(sender -> sender.indexOf('@') > 0).toList();
      SignInConfig.Upstream upstream = account.upstream();
      if (account.sendBy() == SignInConfig.SendBy.GRAPH && mail.protocol() == MailProtocol.SMTP) {
        SignInTenant tenant = signIn.tenantOf(account).orElseThrow();
        return doctor.examineGraph(
            listener, new CheckTarget(account.mailbox(), mail.protocol(), tenant));
      }
      return upstream != null
          ? doctor.examine(
              listener,
              way,
              new PasswordTarget(account.mailbox(), mail.protocol(), upstream),
              senders)
          : doctor.examine(
              listener,
              way,
              new CheckTarget(
                  account.mailbox(), mail.protocol(), signIn.tenantOf(account).orElseThrow()),
              senders);
    }
  }

  @Override
  public void close() {
    tokens.values().forEach(CachedTokens::close);
    platforms.values().forEach(PlatformHttp::close);
    if (shared != null) {
      shared.close();
    }
  }
}
