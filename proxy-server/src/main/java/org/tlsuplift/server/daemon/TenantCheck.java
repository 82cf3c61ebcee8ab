package org.tlsuplift.server.daemon;

import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.Permit;
import org.tlsuplift.proxy.model.PermitResult;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.signin.MailboxPermits;
import org.tlsuplift.server.config.AccountsFile;
import org.tlsuplift.server.config.AccountsReader;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.config.secret.KeyFiles;
import org.tlsuplift.server.doctor.ServedAccounts;
import org.tlsuplift.server.doctor.TenantStep;
import org.tlsuplift.server.feature.CheckResult;
import org.tlsuplift.server.init.ApplicationCertificate;

/** Checks the steps of the set-up for the mailboxes of all tenants. Blocks. */
public final class TenantCheck {
  private static final Logger log = LoggerFactory.getLogger(TenantCheck.class);

  /** Longer than a device waits for a session. */
  private static final int PERMIT_MINUTES = 5;

  private final LoadedConfig loaded;
  private final SignInConfig signIn;
  private final List<Target> targets;

  /** A mailbox on a listener. */
  private record Target(
      ListenerConfig listener, SignInConfig.Account account, SignInTenant tenant) {
    MailProtocol protocol() {
      return MailProtocol.valueOf(listener.service().protocol().name());
    }

    String title() {
      return account.mailbox()
          + ", "
          + protocol().label()
          + (account.tenant() == null ? "" : ", tenant " + account.tenant());
    }
  }

  /**
   * A check of these accounts, each mailbox once for each protocol and origin.
   *
   * @throws OperatorException if nothing can be checked yet
   */
  public TenantCheck(LoadedConfig loaded, SignInConfig signIn, List<SignInConfig.Account> accounts)
      throws OperatorException {
    this.loaded = loaded;
    this.signIn = signIn;
    this.targets = targets(accounts);
    for (SignInTenant each : signIn.tenants()) {
      if (each.isPending()) {
        throw new OperatorException(
            "%s: %s.applicationId%s"
                .formatted(
                    each.setting(loaded.source()), signIn.path(each), SignInTenant.IS_PENDING));
      }
    }
  }

  /** All accounts that sign in at a tenant. */
  public static List<SignInConfig.Account> accounts(SignInConfig signIn) throws OperatorException {
    return AccountsFile.all(signIn).stream()
        .filter(account -> signIn.tenantOf(account).isPresent())
        .toList();
  }

  /** An account for a mailbox that has none. */
  public static SignInConfig.Account account(String mailbox, @Nullable String tenant) {
    return AccountsReader.of(null, null, List.of(), mailbox, tenant, null, List.of());
  }

  /** Whether no listener leads to the origin of an account. */
  public boolean isEmpty() {
    return targets.isEmpty();
  }

  /**
   * Checks all. A staged certificate that the identity platform accepts replaces the one in use.
   *
   * @param each gets the results of a mailbox at once
   */
  public List<TenantStep.Checked> examine(Consumer<TenantStep.Checked> each) throws Exception {
    List<TenantStep.Checked> all = new ArrayList<>();
    Consumer<TenantStep.Checked> checked = each.andThen(all::add);
    for (SignInTenant tenant : signIn.tenants()) {
      KeyFiles files = tenant.certificate();
      if (files != null && files.certificate() != null && files.key() != null) {
        // 'tenant setup --data' may have made them elsewhere than in dataDirectory.
        ApplicationCertificate own = new ApplicationCertificate(files.certificate(), files.key());
        if (own.isIn(files) && own.staged().exists()) {
          staged(tenant, own, checked);
        }
      }
    }
    mailboxes(checked, MailboxPermits.UNLIMITED);
    return all;
  }

  /**
   * Checks the mailboxes, one after another.
   *
   * @param each gets the results of a mailbox at once
   * @param permits leave out a mailbox whose sessions devices need
   */
  void mailboxes(Consumer<TenantStep.Checked> each, MailboxPermits permits) throws Exception {
    // New tokens each time: those of a minute ago lack permissions that were granted since.
    try (DoctorSetup doctor = new DoctorSetup(loaded, Clock.systemUTC(), finding -> {})) {
      for (Target target : targets) {
        Permit session =
            permits.session(
                target.account().mailbox(), target.protocol(), InetAddress.getLoopbackAddress());
        try {
          if (session.answer().toCompletableFuture().get(PERMIT_MINUTES, TimeUnit.MINUTES)
              instanceof PermitResult.Given) {
            each.accept(new TenantStep.Checked(target.title(), steps(doctor, target)));
          }
        } finally {
          session.end();
        }
      }
    }
  }

  /** The titles of all results. */
  Set<String> titles() {
    return targets.stream().map(Target::title).collect(Collectors.toSet());
  }

  private void staged(
      SignInTenant tenant, ApplicationCertificate inUse, Consumer<TenantStep.Checked> checked)
      throws Exception {
    ApplicationCertificate next = inUse.staged();
    KeyFiles files = next.files();
    X509Certificate proven = next.read().certificate();
    UnaryOperator<SignInTenant> credential = each -> each.equals(tenant) ? each.with(files) : each;
    for (Target target : targets) {
      if (target.tenant().equals(tenant)) {
        TenantStep.Result token;
        try (DoctorSetup doctor =
            new DoctorSetup(loaded, Clock.systemUTC(), finding -> {}, credential)) {
          token = steps(doctor, target).get(0);
        }
        checked.accept(
            new TenantStep.Checked(
                "the new certificate of tenant " + tenant.name(), List.of(token)));
        if (!token.isFailure()) {
          inUse.activate(proven);
          log.info("{}: the new certificate is in use", inUse.certificate());
        }
        return;
      }
    }
  }

  private static List<TenantStep.Result> steps(DoctorSetup doctor, Target target) throws Exception {
    CheckResult result = doctor.examine(target.listener().name(), target.account());
    return TenantStep.of(
        result, target.protocol(), target.tenant().flow() == SignInConfig.Flow.APPLICATION);
  }

  private List<Target> targets(List<SignInConfig.Account> accounts) {
    Map<List<@Nullable Object>, Target> found = new LinkedHashMap<>();
    for (ListenerConfig listener : loaded.config().listeners()) {
      if (!listener.signIn()
          || listener.origin() == null
          || listener.service().upstreamTls() == null) {
        continue;
      }
      for (SignInConfig.Account account : accounts) {
        if (ServedAccounts.serves(listener, account, signIn, loaded.config().listeners())) {
          Target target = new Target(listener, account, signIn.tenantOf(account).orElseThrow());
          found.putIfAbsent(
              Arrays.asList(
                  account.mailbox(), account.tenant(), target.protocol(), listener.origin()),
              target);
        }
      }
    }
    return List.copyOf(found.values());
  }
}
