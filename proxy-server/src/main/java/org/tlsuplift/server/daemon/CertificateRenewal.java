package org.tlsuplift.server.daemon;

import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.signin.TokenResult;
import org.tlsuplift.proxy.tls.OriginIdentity;
import org.tlsuplift.proxy.tls.chain.Fingerprint;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.feature.Condition;
import org.tlsuplift.server.graph.ApplicationKeys;
import org.tlsuplift.server.https.HttpsService;
import org.tlsuplift.server.init.ApplicationCertificate;
import org.tlsuplift.server.mapping.ConfigMapper;
import org.tlsuplift.server.mapping.ResolvedConfig;
import org.tlsuplift.server.signin.token.PlatformHttp;
import org.tlsuplift.server.signin.token.TokenAuthority;

/**
 * Renews the certificates that {@link ApplicationCertificate} has made, when a third of their life
 * is left. Each step leaves files and tenant in a state from which the next one continues, also
 * after the program was killed:
 *
 * <ol>
 *   <li>It makes the next pair, which stays the same until it is in use or has expired.
 *   <li>It notes the attempt, and adds the certificate to the application. If no response comes, it
 *       may have been added; so a token is tried before it is added again, on another day.
 *   <li>When the identity platform issues a token for the next pair, that pair replaces the current
 *       one, which stays as the previous one.
 *   <li>Shortly before the previous one expires, it is removed from the application and erased.
 * </ol>
 *
 * <p>It replaces a damaged pair in the same way, with the previous one. It removes no other
 * certificate than the one in the files of this instance. Thread-safe.
 */
final class CertificateRenewal {
  private static final Logger log = LoggerFactory.getLogger(CertificateRenewal.class);
  private static final Duration LOOK = Duration.ofMinutes(5);
  private static final Duration DAY = Duration.ofHours(23);
  private static final Duration HOUR = Duration.ofHours(1);

  /** Shorter than the pause, so that each look after a failure tries again. */
  private static final Duration RETRY = Duration.ofHours(22);

  private static final Duration WEEK = Duration.ofDays(7);

  /** Microsoft's servers need some minutes until all of them know a new certificate. */
  private static final Duration REPLICATION = Duration.ofMinutes(15);

  private static final int LAST_PART = 3;

  /** How often a certificate that brings no token may be added each day, then each week. */
  private static final int MAX_ADDED = 5;

  private static final Duration REMOVED_BEFORE = Duration.ofDays(3);

  /** A second attempt has failed too. */
  private static final Duration HOLD = Duration.ofHours(25);

  /** Instances and installations must not come at the same minute. */
  private static final int SPREAD_MINUTES = 120;

  private static final int MAX_TEXT = 170;
  private static final String ADDED = "addKey";
  private static final String REFUSED = "refused";
  private static final String KEY_ID = "keyId";

  private final Supplier<LoadedConfig> current;
  private final Clock clock;
  private final Map<String, Instant> due = new HashMap<>();
  private final Map<String, Condition> conditions = new ConcurrentHashMap<>();

  CertificateRenewal(Supplier<LoadedConfig> current, Clock clock) {
    this.current = current;
    this.clock = clock;
  }

  void start(Schedule schedule) {
    schedule.every(LOOK, LOOK, "the renewal of certificates", this::look);
  }

  /** The notifications, one for each tenant. */
  List<Condition> conditions() {
    return List.copyOf(conditions.values());
  }

  /** Continues where the time has come. Blocks. */
  synchronized void look() {
    LoadedConfig loaded = current.get();
    List<SignInTenant> tenants = renewed(loaded.config());
    Set<String> names = tenants.stream().map(SignInTenant::name).collect(Collectors.toSet());
    conditions.keySet().retainAll(names);
    due.keySet().retainAll(names);
    for (SignInTenant tenant : tenants) {
      Instant now = clock.instant();
      Instant first =
          now.plus(Duration.ofMinutes(1 + RandomGenerator.getDefault().nextInt(SPREAD_MINUTES)));
      Instant next = due.computeIfAbsent(tenant.name(), missing -> first);
      // No pause is longer: the clock was wrong.
      if (!now.isBefore(next) || next.isAfter(now.plus(DAY).plus(HOUR))) {
        due.put(tenant.name(), now.plus(attempt(loaded, tenant)));
      }
    }
  }

  /** The tenants whose certificate this instance has made for their application alone. */
  private static List<SignInTenant> renewed(ServerConfig config) {
    SignInConfig signIn = config.signIn();
    return signIn == null || !signIn.renewCertificates()
        ? List.of()
        : signIn.tenants().stream()
            .filter(each -> files(config, each).isIn(each.certificate()))
            .filter(each -> !each.isPending())
            .filter(
                each ->
                    signIn.tenants().stream()
                        .filter(other -> !other.applicationId().equals(each.applicationId()))
                        .noneMatch(other -> files(config, each).isIn(other.certificate())))
            .toList();
  }

  private static ApplicationCertificate files(ServerConfig config, SignInTenant tenant) {
    return ApplicationCertificate.of(config.dataDirectory(), tenant.tenant());
  }

  /** The pause until the next step. */
  private Duration attempt(LoadedConfig loaded, SignInTenant tenant) {
    try {
      Duration pause = step(loaded, tenant, files(loaded.config(), tenant));
      if (!pause.equals(HOUR)) {
        // Without it, devices sign in with the previous one.
        var unused = files(loaded.config(), tenant).read();
        conditions.remove(tenant.name());
      }
      return pause;
    } catch (OperatorException | IOException | RuntimeException failed) {
      String why = ShortText.printable(String.valueOf(failed.getMessage()), MAX_TEXT);
      log.warn("the certificate of tenant {} was not renewed: {}", tenant.name(), why);
      conditions.put(
          tenant.name(),
          new Condition(
              "not_renewed",
              tenant.name(),
              "the certificate of the application of tenant %s was not renewed: %s"
                  .formatted(tenant.name(), why),
              "run '%s', and let an administrator of the tenant run its script"
                  .formatted(loaded.command("tenant setup --new-certificate")),
              HOLD));
      return DAY;
    }
  }

  /** Opens no connection on a day without work and without a previous pair. */
  private Duration step(LoadedConfig loaded, SignInTenant tenant, ApplicationCertificate files)
      throws OperatorException, IOException {
    files.repair();
    X509Certificate inUse = files.serving().certificate();
    Instant now = clock.instant();
    Instant end = inUse.getNotAfter().toInstant();
    // An expired one cannot add another; the notification of its end has the remedy.
    boolean isDue =
        now.isBefore(end)
            && (!files.matches()
                || !now.isBefore(
                    end.minus(ApplicationCertificate.life(inUse).dividedBy(LAST_PART))));
    if (isDue || files.staged().exists()) {
      try (Work work = new Work(loaded, tenant, files, now)) {
        return work.roll(isDue);
      }
    }
    if (files.previous().matches()) {
      X509Certificate old = files.previous().read().certificate();
      try (Work work = new Work(loaded, tenant, files, now)) {
        if (work.prove(old) && !now.isBefore(old.getNotAfter().toInstant().minus(REMOVED_BEFORE))) {
          work.retire(old);
        }
      }
    } else if (files.previous().exists()) {
      files.erasePrevious(inUse);
    }
    return DAY;
  }

  /** One step for one tenant. */
  private final class Work implements AutoCloseable {
    private final SignInTenant tenant;
    private final ApplicationCertificate files;
    private final Instant now;
    private final TokenSource tokens;
    private final PlatformHttp platform;
    private final HttpsService graph;

    Work(LoadedConfig loaded, SignInTenant tenant, ApplicationCertificate files, Instant now)
        throws OperatorException, IOException {
      this.tenant = tenant;
      this.files = files;
      this.now = now;
      tokens = new TokenSource(loaded, tenant, null);
      ResolvedConfig resolved = ConfigMapper.map(loaded);
      platform = tokens.platform(resolved);
      graph =
          new HttpsService(
              HttpsService.server(tenant.graphAddress()),
              "signIn.graph",
              ApplicationKeys.BOUNDS,
              resolved.outgoing());
    }

    @Override
    public void close() {
      platform.close();
      graph.close();
    }

    /** Uses the next pair if it brings a token, and adds it otherwise. */
    private Duration roll(boolean isDue) throws OperatorException, IOException {
      boolean isStaged = files.staged().matches();
      if (isStaged) {
        OriginIdentity next = files.staged().read();
        TokenResult result = ask(tokens.authority(), next);
        if (result instanceof TokenResult.Issued) {
          files.activate(next.certificate());
          log.info(
              "the certificate of tenant {} was renewed: SHA-256 {}, expires {}; the one before it works until its own end",
              tenant.name(),
              Fingerprint.sha256(next.certificate()),
              next.expiresAt());
          return DAY;
        } else if (result instanceof TokenResult.Unavailable away) {
          throw new OperatorException(away.why());
        }
      }
      if (!isDue) {
        // An operator has staged it, and an administrator of the tenant will add it.
        return DAY;
      }
      List<String> added = isStaged ? files.staged().notes(ADDED) : List.of();
      if (!added.isEmpty()) {
        boolean often = added.size() - files.staged().notes(REFUSED).size() >= MAX_ADDED;
        Instant last = time(added.get(added.size() - 1));
        // A later time than now: the clock was wrong.
        if (!now.isBefore(last) && now.isBefore(last.plus(often ? WEEK : RETRY))) {
          if (often) {
            throw new OperatorException(
                "no token comes with the new certificate, which may have been added five times; the next attempt is a week after the last one");
          }
          return HOUR;
        }
      }
      add();
      return REPLICATION;
    }

    /** Long ago for a note that is damaged, as after a full disk. */
    private static Instant time(String noted) {
      try {
        return Instant.parse(noted);
      } catch (DateTimeParseException damaged) {
        return Instant.EPOCH;
      }
    }

    private void add() throws OperatorException {
      OriginIdentity by = files.serving();
      ApplicationKeys keys = keys(by);
      String objectId = objectId(keys);
      // Not before the token, which proves that the clock is right and a staged pair has expired.
      OriginIdentity next = files.stage(clock);
      // First: if no response comes, it may have been added.
      files.staged().note(ADDED, now.toString());
      try {
        Optional<String> keyId = keys.add(objectId, by, next.certificate());
        if (keyId.isPresent()) {
          files.staged().note(KEY_ID, keyId.get());
        }
      } catch (ApplicationKeys.RefusedException refused) {
        files.staged().note(REFUSED, now.toString());
        throw refused;
      }
      log.info("added a new certificate to the application of tenant {}", tenant.name());
    }

    /**
     * Whether a token comes with the pair in use.
     *
     * @throws OperatorException if the tenant does not know it: devices would sign in with the
     *     previous one until its end, and nobody would know
     */
    boolean prove(X509Certificate old) throws OperatorException {
      TokenResult result = ask(tokens.authority(), files.read());
      if (TokenSource.isUnknown(result)) {
        throw new OperatorException(
            "the tenant does not know the certificate in use; devices sign in with the one before it until "
                + old.getNotAfter().toInstant());
      }
      return result instanceof TokenResult.Issued;
    }

    /**
     * Removes and erases the previous pair shortly before its end. If the application still has the
     * certificate at that time, it stays in its list, where it is useless.
     */
    void retire(X509Certificate old) throws OperatorException, IOException {
      OriginIdentity by = files.read();
      if (now.isBefore(old.getNotAfter().toInstant()) && !by.certificate().equals(old)) {
        try {
          ApplicationKeys keys = keys(by);
          List<String> noted = files.previous().notes(KEY_ID);
          Optional<String> keyId =
              noted.isEmpty() ? keys.keyId(old) : Optional.of(noted.get(noted.size() - 1));
          if (keyId.isPresent()) {
            keys.remove(objectId(keys), by, keyId.get());
          }
        } catch (OperatorException failed) {
          log.info(
              "the old certificate of tenant {} stays in the list of the application, where an administrator can delete it after {}: {}",
              tenant.name(),
              old.getNotAfter().toInstant(),
              failed.getMessage());
          return;
        }
      }
      files.erasePrevious(old);
      log.info("erased the old certificate and key of tenant {}", tenant.name());
    }

    private ApplicationKeys keys(OriginIdentity by) throws OperatorException {
      TokenResult result = ask(tokens.graphAuthority(), by);
      if (result instanceof TokenResult.Issued issued) {
        return new ApplicationKeys(tenant.applicationId(), graph, issued.token(), clock);
      }
      throw new OperatorException(
          result instanceof TokenResult.Unavailable away
              ? away.why()
              : ((TokenResult.Refused) result).why());
    }

    private TokenResult ask(TokenAuthority authority, OriginIdentity by) {
      return TokenSource.once(authority, by, platform);
    }

    private String objectId(ApplicationKeys keys) throws OperatorException {
      @Nullable String configured = tenant.applicationObjectId();
      return configured != null ? configured : keys.objectId();
    }
  }
}
