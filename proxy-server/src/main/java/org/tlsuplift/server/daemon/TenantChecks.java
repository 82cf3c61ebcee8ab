package org.tlsuplift.server.daemon;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.doctor.RepeatedCheck;
import org.tlsuplift.server.doctor.TenantStep;
import org.tlsuplift.server.feature.Condition;
import org.tlsuplift.server.http.pages.Steps;
import org.tlsuplift.server.http.pages.TenantSources;
import org.tlsuplift.server.mail.MailAddresses;

/**
 * The checks of tenants that people start from the page. They go on while Microsoft's servers may
 * not know a change yet, and outlive a reload.
 */
public final class TenantChecks {
  private static final Duration LIMIT = Duration.ofHours(3);

  private final Steps steps = new Steps(Clock.systemUTC(), LIMIT);
  private final Semaphore hurry = new Semaphore(0);
  private final DailyTenantCheck daily;

  TenantChecks(DailyTenantCheck daily) {
    this.daily = daily;
  }

  /** What the pages of this configuration need. */
  TenantSources sources(LoadedConfig loaded) {
    return new TenantSources(
        loaded.config().dataDirectory(),
        loaded.file(),
        mailbox -> work(loaded, mailbox),
        hurry::release,
        steps,
        () -> state(loaded.config().signIn()));
  }

  private TenantSources.State state(@Nullable SignInConfig signIn) {
    if (signIn == null || signIn.tenants().isEmpty()) {
      return TenantSources.State.NONE;
    }
    SignInTenant first = signIn.tenants().get(0);
    Optional<DailyTenantCheck.Latest> latest = daily.latest();
    Optional<Condition> lost = daily.conditions().stream().findFirst();
    return new TenantSources.State(
        signIn.tenants().stream().map(SignInTenant::tenant).toList(),
        Map.of(
            "tenant", first.tenant(), "flow", first.flow().label(), "cloud", first.cloud().label()),
        signIn.tenants().stream().anyMatch(SignInTenant::isPending),
        latest.map(DailyTenantCheck.Latest::at).orElse(null),
        signIn.dailyCheck()
            ? latest
                .map(DailyTenantCheck.Latest::result)
                .orElse("it runs within about two hours after the start")
            : "signIn.dailyCheck switches it off",
        latest.map(DailyTenantCheck.Latest::passed).orElse(null),
        lost.map(Condition::summary).orElse(""),
        lost.map(Condition::remedy).orElse(""));
  }

  private Steps.Work work(LoadedConfig loaded, Optional<String> mailbox) throws OperatorException {
    SignInConfig signIn = loaded.config().signIn();
    if (signIn == null) {
      throw new OperatorException(
          "no tenant is connected yet; begin on the page Connect Microsoft 365");
    }
    TenantCheck check =
        new TenantCheck(
            loaded,
            signIn,
            mailbox.isEmpty()
                ? TenantCheck.accounts(signIn)
                : List.of(TenantCheck.account(MailAddresses.mailbox(mailbox.get()), null)));
    if (check.isEmpty()) {
      throw new OperatorException(
          "nothing can be checked: add an account or enter a mailbox, and set 'signIn: true' on a mail listener with a fixed origin");
    }
    return out -> {
      hurry.drainPermits();
      var unused =
          new RepeatedCheck(
                  checked -> show(checked, out),
                  line -> out.accept(Steps.Step.of(Steps.Tone.WAIT, "wait", line)),
                  Clock.systemUTC(),
                  time -> {
                    var unusedPermit = hurry.tryAcquire(time.toMillis(), TimeUnit.MILLISECONDS);
                  })
              .run(check::examine);
    };
  }

  private static void show(TenantStep.Checked checked, Consumer<Steps.Step> out) {
    out.accept(Steps.Step.heading(checked.title()));
    for (TenantStep.Result result : checked.results()) {
      out.accept(DoctorRuns.step(result.step().label(), result.finding()));
    }
  }
}
