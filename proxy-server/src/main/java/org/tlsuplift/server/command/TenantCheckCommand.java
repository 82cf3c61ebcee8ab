package org.tlsuplift.server.command;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.command.text.CommandOutput;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.command.text.LogLevels;
import org.tlsuplift.server.config.AccountsFile;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.MailAddresses;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.daemon.DoctorSetup;
import org.tlsuplift.server.doctor.FailureKind;
import org.tlsuplift.server.doctor.FindingText;
import org.tlsuplift.server.doctor.ServedAccounts;
import org.tlsuplift.server.doctor.TenantStep;
import org.tlsuplift.server.init.Choices;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Checks the steps of a tenant's set-up. */
@Command(
    name = "check",
    header = "Check each step of the tenant's set-up, and print what is missing.",
    description = {
      "Checks token, application permission, mailbox permission, SMTP AUTH and the first sign-in, in"
          + " the order in which Microsoft needs them. Sends no mail and prints no secret. Run it"
          + " as the daemon's user, after 'tls-uplift tenant setup'. 'tls-uplift doctor' checks the"
          + " whole path."
    },
    exitCodeList = {
      "0:all steps succeeded",
      "1:the program failed",
      "2:the command line or the configuration has errors",
      "10 to 40:a step failed; the codes are those of 'tls-uplift doctor'"
    })
final class TenantCheckCommand implements Callable<Integer> {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Parameters(
      arity = "0..1",
      paramLabel = "MAILBOX",
      description = "The mailbox to check; it needs no account. Default: those of all accounts.")
  private @Nullable String mailbox;

  @Option(
      names = "--tenant",
      paramLabel = "NAME",
      description = "The tenant of MAILBOX, if the configuration has several.")
  private @Nullable String tenant;

  @Option(
      names = "--wait",
      description =
          "Check again every 5 minutes until all steps succeed, for two hours at most. Microsoft's"
              + " servers may need up to an hour after a change.")
  private boolean waits;

  @Override
  public Integer call() throws Exception {
    LogLevels.silent();
    LoadedConfig loaded = config.load();
    SignInConfig signIn = ConfiguredSignIn.of(loaded);
    for (SignInTenant each : signIn.tenants()) {
      if (each.applicationId().equals(Choices.SignIn.PENDING)) {
        throw new OperatorException(
            signIn.path(each)
                + ".applicationId is not known yet; set it to the ID that the administrator of the tenant sends you");
      }
    }
    List<Target> targets = targets(loaded, signIn);
    if (targets.isEmpty()) {
      throw commandOutput.wrong(
          "no mail listener with 'signIn: true' and a fixed origin can be checked; add one, and an account or MAILBOX");
    }
    RepeatedCheck check =
        new RepeatedCheck(
            commandOutput::line, Clock.systemUTC(), time -> Thread.sleep(time.toMillis()));
    return waits
        ? check.run(() -> examine(loaded, targets)).exitCode()
        : printed(examine(loaded, targets));
  }

  private int printed(RepeatedCheck.Result result) {
    result.lines().forEach(commandOutput::line);
    return result.exitCode();
  }

  /** A mailbox on a listener. */
  private record Target(ListenerConfig listener, SignInConfig.Account account) {
    MailProtocol protocol() {
      return MailProtocol.valueOf(listener.service().protocol().name());
    }
  }

  private RepeatedCheck.Result examine(LoadedConfig loaded, List<Target> targets) throws Exception {
    List<String> lines = new ArrayList<>();
    List<TenantStep.Result> failed = new ArrayList<>();
    // New tokens each time: those of a minute ago lack permissions that were granted since.
    try (DoctorSetup doctor = new DoctorSetup(loaded, Clock.systemUTC(), finding -> {})) {
      for (Target target : targets) {
        List<TenantStep.Result> results =
            TenantStep.of(
                doctor.examine(target.listener().name(), target.account()), target.protocol());
        lines.addAll(
            FindingText.lines(
                target.account().mailbox()
                    + ", "
                    + target.protocol().label()
                    + (target.account().tenant() == null
                        ? ""
                        : ", tenant " + target.account().tenant()),
                results));
        results.stream().filter(TenantStep.Result::isFailure).forEach(failed::add);
      }
    }
    FailureKind first = failed.isEmpty() ? null : failed.get(0).finding().failureKind();
    return new RepeatedCheck.Result(
        lines,
        !failed.isEmpty() && failed.stream().allMatch(TenantStep.Result::mayPass),
        first == null ? 0 : first.exitCode());
  }

  /** Each mailbox once for each protocol and origin. */
  private List<Target> targets(LoadedConfig loaded, SignInConfig signIn)
      throws InvalidConfigException {
    List<SignInConfig.Account> accounts = accounts(signIn);
    Map<List<@Nullable Object>, Target> targets = new LinkedHashMap<>();
    for (ListenerConfig listener : loaded.config().listeners()) {
      if (!listener.signIn()
          || listener.origin() == null
          || listener.service().upstreamTls() == null) {
        continue;
      }
      for (SignInConfig.Account account : accounts) {
        if (ServedAccounts.serves(listener, account, signIn, loaded.config().listeners())) {
          Target target = new Target(listener, account);
          targets.putIfAbsent(
              Arrays.asList(
                  account.mailbox(), account.tenant(), target.protocol(), listener.origin()),
              target);
        }
      }
    }
    return List.copyOf(targets.values());
  }

  private List<SignInConfig.Account> accounts(SignInConfig signIn) throws InvalidConfigException {
    String given = mailbox;
    if (given == null) {
      return AccountsFile.all(signIn).stream()
          .filter(account -> signIn.tenantOf(account).isPresent())
          .toList();
    }
    String address = commandOutput.parsed("MAILBOX", () -> MailAddresses.mailbox(given));
    if (tenant != null && !signIn.tenantNames().contains(tenant)) {
      throw commandOutput.wrong(
          "--tenant: got '" + tenant + "'; expected " + String.join(", ", signIn.tenantNames()));
    }
    if (tenant == null && signIn.tenants().size() != 1) {
      throw commandOutput.wrong(
          "--tenant: got nothing; expected " + String.join(", ", signIn.tenantNames()));
    }
    return List.of(
        new SignInConfig.Account(null, null, List.of(), address, tenant, null, List.of()));
  }
}
