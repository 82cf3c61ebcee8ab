package org.tlsuplift.server.command;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.command.text.LogLevels;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.daemon.DoctorSetup;
import org.tlsuplift.server.daemon.Features;
import org.tlsuplift.server.doctor.DoctorTargets;
import org.tlsuplift.server.doctor.DoctorTargets.Target;
import org.tlsuplift.server.doctor.FindingJson;
import org.tlsuplift.server.doctor.FindingText;
import org.tlsuplift.server.feature.CheckResult;
import org.tlsuplift.server.feature.FailureKind;
import org.tlsuplift.server.feature.HasCheck;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Finds out why mail does not reach its origin, and prints remedies. */
@Command(
    name = "doctor",
    footer = "%nExample:%n  tls-uplift doctor scanner --send-to helpdesk@contoso.com",
    header = "Find out why mail does not reach Microsoft 365, and what to do.",
    description = {
      "Tests each step as the daemon performs it: name, connection, STARTTLS, TLS, certificate, token, permissions, sign-in, sender. Sends no mail, except with --send-to, and prints no secret. Without ACCOUNT and --listener, it also tests the provider of 'admin.openIdConnect', and looks at the messages that wait. Run it on the daemon's machine, with the daemon's configuration and as the daemon's user."
    },
    exitCodeList = {
      "0:all steps succeeded",
      "1:the program failed",
      "2:the command line or the configuration has errors",
      "41:the message of --send-to was not accepted"
    })
public final class DoctorCommand implements Callable<Integer> {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Parameters(
      arity = "0..1",
      paramLabel = "ACCOUNT",
      description = "The login or mailbox of an account. Default: all accounts.")
  private @Nullable String account;

  @Option(
      names = "--listener",
      paramLabel = "NAME",
      description =
          "The listener to test. Default: all mail listeners with a fixed origin; with ACCOUNT, those with 'signIn: true'.")
  private @Nullable String listener;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Mixin private final DoctorTestMail testMail = new DoctorTestMail();

  /** The command, with the exit codes of all failures. */
  static CommandLine line() {
    CommandLine line = new CommandLine(new DoctorCommand());
    UsageMessageSpec usage = line.getCommandSpec().usageMessage();
    Map<String, String> codes = new TreeMap<>(Comparator.comparingInt(Integer::parseInt));
    codes.putAll(usage.exitCodeList());
    for (FailureKind each : Features.failures()) {
      codes.put(String.valueOf(each.exitCode()), each.title());
    }
    usage.exitCodeList(codes);
    return line;
  }

  @Override
  public Integer call() throws Exception {
    LogLevels.silent();
    testMail.refuseWithoutEffect(commandOutput);
    LoadedConfig loaded = config.load();
    if (!json) {
      ConfiguredSignIn.warn(loaded, commandOutput);
    }
    if (testMail.wanted()) {
      return sendTestMail(loaded);
    }
    List<CheckResult> examinations = new ArrayList<>();
    DoctorTargets targets = targets(loaded);
    List<Target> paths = chosen(targets::paths);
    try (DoctorSetup visit = new DoctorSetup(loaded, Clock.systemUTC(), finding -> {})) {
      for (Target path : paths) {
        add(examinations, visit.examine(path.listener().name(), path.account()));
      }
    }
    for (HasCheck check : targets.others()) {
      add(examinations, check.examine(finding -> {}));
    }
    if (json) {
      commandOutput.lines(FindingJson.write(examinations));
    }
    return examinations.stream()
        .map(CheckResult::failureKind)
        .flatMap(Optional::stream)
        .findFirst()
        .map(FailureKind::exitCode)
        .orElse(0);
  }

  private DoctorTargets targets(LoadedConfig loaded) {
    List<HasCheck> checks = Features.having(HasCheck.class, loaded);
    return new DoctorTargets(loaded.config(), checks, listener, account);
  }

  private interface Choice<T> {
    T make() throws InvalidConfigException;
  }

  private <T> T chosen(Choice<T> choice) throws InvalidConfigException {
    try {
      return choice.make();
    } catch (IllegalArgumentException wrong) {
      throw commandOutput.wrong(String.valueOf(wrong.getMessage()));
    }
  }

  private int sendTestMail(LoadedConfig loaded) throws Exception {
    if (json) {
      throw commandOutput.wrong("--json: has no effect with --send-to; remove it");
    }
    Target path = chosen(() -> targets(loaded).ofTestMail());
    return testMail.send(loaded.config(), path.listener(), path.account(), commandOutput);
  }

  private void add(List<CheckResult> examinations, CheckResult next) {
    examinations.add(next);
    if (!json) {
      FindingText.lines(next).forEach(commandOutput::line);
    }
  }
}
