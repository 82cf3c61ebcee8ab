package org.tlsuplift.server.command;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.command.text.CommandOutput;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.command.text.LogLevels;
import org.tlsuplift.server.config.AccountsFile;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.daemon.DoctorSetup;
import org.tlsuplift.server.doctor.CheckResult;
import org.tlsuplift.server.doctor.FailureKind;
import org.tlsuplift.server.doctor.FindingJson;
import org.tlsuplift.server.doctor.FindingText;
import org.tlsuplift.server.doctor.ServedAccounts;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Finds out why mail does not reach its origin, and prints remedies. */
@Command(
    name = "doctor",
    header = "Find out why mail does not reach Microsoft 365, and what to do.",
    description = {
      "Tests each step as the daemon performs it: name, connection, STARTTLS, TLS, certificate, token, permissions, sign-in, sender. Sends no mail, except with --send-to, and prints no secret. Run it on the daemon's machine, with the daemon's configuration and as the daemon's user."
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

  @Override
  public Integer call() throws Exception {
    LogLevels.silent();
    testMail.refuseWithoutEffect(commandOutput);
    LoadedConfig loaded = config.load();
    if (testMail.wanted()) {
      return sendTestMail(loaded.config());
    }
    List<ListenerConfig> listeners = listeners(loaded.config(), account != null);
    List<SignInConfig.Account> accounts = accounts(loaded.config());
    List<CheckResult> examinations = new ArrayList<>();
    try (DoctorSetup visit = new DoctorSetup(loaded, Clock.systemUTC())) {
      for (ListenerConfig each : listeners) {
        if (each.signIn()) {
          for (SignInConfig.Account who : served(each, accounts, loaded.config())) {
            add(examinations, visit.examine(each.name(), who));
          }
        } else {
          add(examinations, visit.examine(each.name(), null));
        }
      }
    }
    if (examinations.isEmpty()) {
      throw commandOutput.wrong(
          "no listener to test leads to the origin of the account; add one with 'signIn: true' and that origin, or correct 'upstream.origin' or 'tenant' of the account");
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

  private static List<SignInConfig.Account> served(
      ListenerConfig listener, List<SignInConfig.Account> accounts, ServerConfig config) {
    SignInConfig signIn = config.signIn();
    return signIn == null
        ? List.of()
        : accounts.stream()
            .filter(account -> ServedAccounts.serves(listener, account, signIn, config.listeners()))
            .toList();
  }

  private int sendTestMail(ServerConfig all) throws Exception {
    if (json) {
      throw commandOutput.wrong("--json: has no effect with --send-to; remove it");
    }
    List<ListenerConfig> submission =
        listeners(all, true).stream()
            .filter(each -> each.service().protocol() == ListenerConfig.Protocol.SMTP)
            .toList();
    if (submission.size() != 1) {
      throw commandOutput.wrong(
          submission.isEmpty()
              ? "--send-to: needs a listener with 'protocol: smtp'; choose it with --listener"
              : "--listener: expected one of " + names(submission));
    }
    ListenerConfig chosen = submission.get(0);
    List<SignInConfig.Account> accounts =
        chosen.signIn() ? served(chosen, accounts(all), all) : List.of();
    if (accounts.size() > 1) {
      throw commandOutput.wrong("--send-to: name the account whose device sends the message");
    }
    return testMail.send(all, chosen, accounts.isEmpty() ? null : accounts.get(0), commandOutput);
  }

  private void add(List<CheckResult> examinations, CheckResult next) {
    examinations.add(next);
    if (!json) {
      FindingText.lines(next).forEach(commandOutput::line);
    }
  }

  /**
   * The listeners to test.
   *
   * @param signInFirst whether listeners without {@code signIn} count only if there are no others
   */
  private List<ListenerConfig> listeners(ServerConfig all, boolean signInFirst) {
    List<ListenerConfig> ofMail =
        all.listeners().stream()
            .filter(each -> each.origin() != null && each.service().upstreamTls() != null)
            .toList();
    boolean onlySignIn = signInFirst && ofMail.stream().anyMatch(ListenerConfig::signIn);
    List<ListenerConfig> meant =
        ofMail.stream()
            .filter(
                each ->
                    listener == null ? each.signIn() || !onlySignIn : each.name().equals(listener))
            .toList();
    if (meant.isEmpty()) {
      throw commandOutput.wrong(
          listener == null
              ? "no mail listener has a fixed origin; add one with 'accept: fixed' and a mail protocol"
              : "--listener: got '" + listener + "'; expected " + names(ofMail));
    }
    if (account != null && meant.stream().noneMatch(ListenerConfig::signIn)) {
      throw commandOutput.wrong(
          "'" + account + "' is an account, but no listener to test has 'signIn: true'");
    }
    return meant;
  }

  private static String names(List<ListenerConfig> listeners) {
    return listeners.stream().map(ListenerConfig::name).collect(Collectors.joining(", "));
  }

  /** The selected accounts, each way to sign in once. */
  private List<SignInConfig.Account> accounts(ServerConfig all) throws InvalidConfigException {
    SignInConfig signIn = all.signIn();
    if (signIn == null) {
      return List.of();
    }
    Map<List<@Nullable Object>, SignInConfig.Account> meant = new LinkedHashMap<>();
    AccountsFile.all(signIn).stream()
        .filter(this::isMeant)
        .forEach(
            each ->
                meant.putIfAbsent(
                    Arrays.asList(each.mailbox(), each.tenant(), each.upstream()), each));
    if (meant.isEmpty()) {
      throw commandOutput.wrong(
          account == null
              ? "there are no accounts; run 'tls-uplift accounts add'"
              : "got '"
                  + account
                  + "'; expected the login or mailbox of an account; run 'tls-uplift accounts list'");
    }
    return List.copyOf(meant.values());
  }

  private boolean isMeant(SignInConfig.Account known) {
    return account == null
        || known.mailbox().equalsIgnoreCase(account)
        || account.toLowerCase(Locale.ROOT).equals(known.login());
  }
}
