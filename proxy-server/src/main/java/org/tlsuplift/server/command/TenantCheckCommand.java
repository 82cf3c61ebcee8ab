package org.tlsuplift.server.command;

import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.command.text.LogLevels;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.daemon.TenantCheck;
import org.tlsuplift.server.doctor.FindingText;
import org.tlsuplift.server.doctor.RepeatedCheck;
import org.tlsuplift.server.doctor.TenantStep;
import org.tlsuplift.server.feature.FailureKind;
import org.tlsuplift.server.mail.MailAddresses;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Checks the steps of a tenant's set-up. */
@Command(
    name = "check",
    footer = "%nExample:%n  tls-uplift tenant check scanner@contoso.com --wait",
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
          "Check again every 5 minutes until all steps succeed, for two hours at most. A change"
              + " usually takes 15 to 60 minutes, and up to two hours for roles.")
  private boolean waits;

  @Override
  public Integer call() throws Exception {
    LogLevels.silent();
    LoadedConfig loaded = config.load();
    SignInConfig signIn = ConfiguredSignIn.of(loaded);
    ConfiguredSignIn.warn(loaded, commandOutput);
    TenantCheck check = new TenantCheck(loaded, signIn, accounts(signIn));
    if (mailbox == null && TenantCheck.accounts(signIn).isEmpty()) {
      throw commandOutput.wrong(
          "run tls-uplift accounts add, or name a mailbox: tls-uplift tenant check MAILBOX: no account uses a mailbox yet");
    }
    if (check.isEmpty()) {
      throw commandOutput.wrong(
          "no mail listener with 'signIn: true' and a fixed origin can be checked; add one, and an account or MAILBOX");
    }
    List<TenantStep.Checked> last =
        waits
            ? new RepeatedCheck(
                    this::show,
                    commandOutput::line,
                    Clock.systemUTC(),
                    time -> Thread.sleep(time.toMillis()))
                .run(check::examine)
            : check.examine(this::show);
    if (!waits && TenantStep.mayPass(last)) {
      commandOutput.line(
          "a change usually takes 15 to 60 minutes, and up to two hours for roles; with --wait, this command checks again every 5 minutes");
    }
    return TenantStep.failures(last).stream()
        .map(failed -> failed.finding().failureKind())
        .filter(Objects::nonNull)
        .findFirst()
        .map(FailureKind::exitCode)
        .orElse(0);
  }

  private void show(TenantStep.Checked checked) {
    FindingText.lines(checked).forEach(commandOutput::line);
  }

  private List<SignInConfig.Account> accounts(SignInConfig signIn) throws OperatorException {
    String given = mailbox;
    if (given == null) {
      return TenantCheck.accounts(signIn);
    }
    String address = commandOutput.parsed("MAILBOX", () -> MailAddresses.mailbox(given));
    try {
      return List.of(TenantCheck.account(address, ConfiguredSignIn.tenant(signIn, tenant).name()));
    } catch (OperatorException wrong) {
      throw commandOutput.wrong(wrong.getMessage());
    }
  }
}
