package org.tlsuplift.server.command;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.command.text.CommandOutput;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.command.text.LogLevels;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.daemon.DoctorSetup;
import org.tlsuplift.server.daemon.SpoolCheck;
import org.tlsuplift.server.daemon.SpoolSource;
import org.tlsuplift.server.doctor.CheckResult;
import org.tlsuplift.server.doctor.DoctorTargets;
import org.tlsuplift.server.doctor.DoctorTargets.Target;
import org.tlsuplift.server.doctor.FailureKind;
import org.tlsuplift.server.doctor.FindingJson;
import org.tlsuplift.server.doctor.FindingText;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
      "10:the origin's name cannot be resolved",
      "11:no connection to the origin",
      "12:the origin does not support TLS 1.2 or later",
      "13:the TLS handshake with the origin failed",
      "14:the origin's certificate cannot be trusted",
      "15:the origin refuses the connection, or does not speak the mail protocol",
      "16:the origin offers no STARTTLS",
      "17:the origin offers no XOAUTH2",
      "18:the origin offers no sign-in with a password",
      "20:the identity platform does not respond, or is busy",
      "21:the identity platform does not know the tenant",
      "22:the tenant does not know the application",
      "23:the identity platform rejects the application's secret or certificate",
      "24:the application has no consent",
      "25:no user has signed in for the mailbox",
      "26:the identity platform refuses a token",
      "27:the token is for another service",
      "28:the token has no permission for this protocol",
      "29:the token has expired: a clock is wrong",
      "30:the origin refuses the token for the mailbox",
      "31:SMTP AUTH is disabled for the tenant or the mailbox",
      "32:the application or user has no access to the mailbox",
      "33:the origin is busy",
      "34:the origin does not understand the sign-in",
      "35:the password for the origin cannot be read",
      "36:the origin refuses the user or the password",
      "40:the origin refuses the sender",
      "41:the message of --send-to was not accepted",
      "42:people cannot sign in to the pages at the OpenID provider",
      "43:the messages that wait cannot be read",
      "44:the spool refuses new mail"
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

  @Override
  public Integer call() throws Exception {
    LogLevels.silent();
    testMail.refuseWithoutEffect(commandOutput);
    LoadedConfig loaded = config.load();
    if (testMail.wanted()) {
      return sendTestMail(loaded.config());
    }
    List<CheckResult> examinations = new ArrayList<>();
    List<Target> paths = chosen(() -> targets(loaded.config()).paths());
    try (DoctorSetup visit = new DoctorSetup(loaded, Clock.systemUTC(), finding -> {})) {
      for (Target path : paths) {
        add(examinations, visit.examine(path.listener().name(), path.account()));
      }
      if (targets(loaded.config()).haveOpenId()) {
        add(examinations, visit.examineOpenId());
      }
    }
    if (listener == null && account == null && SpoolCheck.applies(loaded.config())) {
      add(examinations, SpoolCheck.examine(loaded.config(), SpoolSource::open));
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

  private DoctorTargets targets(ServerConfig config) {
    return new DoctorTargets(config, listener, account);
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

  private int sendTestMail(ServerConfig all) throws Exception {
    if (json) {
      throw commandOutput.wrong("--json: has no effect with --send-to; remove it");
    }
    Target path = chosen(() -> targets(all).ofTestMail());
    return testMail.send(all, path.listener(), path.account(), commandOutput);
  }

  private void add(List<CheckResult> examinations, CheckResult next) {
    examinations.add(next);
    if (!json) {
      FindingText.lines(next).forEach(commandOutput::line);
    }
  }
}
