package org.tlsuplift.server.command;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.command.text.MessageText;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.secret.PasswordFile;
import org.tlsuplift.server.daemon.InventorySource;
import org.tlsuplift.server.daemon.TestMailSetup;
import org.tlsuplift.server.doctor.TestMail;
import org.tlsuplift.server.inventory.messages.MessageFilter;
import org.tlsuplift.server.inventory.messages.StoredMessage;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Option;

/** The options of {@code doctor --send-to}, and the test message. */
final class DoctorTestMail {
  /** The exit code when the message was not accepted. */
  static final int NOT_ACCEPTED = 41;

  private static final Duration WRITING = Duration.ofSeconds(10);
  private static final Duration POLL_INTERVAL = Duration.ofMillis(250);

  @Option(
      names = "--send-to",
      paramLabel = "ADDRESS",
      description =
          "Instead of the tests: send a real message to this address through the running daemon, as a device does, and show its record.")
  private @Nullable String recipient;

  @Option(
      names = "--from",
      paramLabel = "ADDRESS",
      description =
          "The sender of the message. Default: the mailbox of the account, or the first address in 'allowedSenders' of the listener.")
  private @Nullable String sender;

  @Option(
      names = "--login",
      paramLabel = "LOGIN",
      description =
          "The name with which the device signs in. Default: the login of the account; without one, the device does not sign in.")
  private @Nullable String login;

  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      description = "A file with the password of the device in its first line.")
  private @Nullable Path passwordFile;

  boolean wanted() {
    return recipient != null;
  }

  /** Refuses options that need {@code --send-to}. */
  void refuseWithoutEffect(CommandOutput commandOutput) {
    if (recipient == null && (sender != null || login != null || passwordFile != null)) {
      throw commandOutput.wrong(
          "--from, --login and --password-file: have no effect without --send-to");
    }
  }

  /**
   * Sends the message and prints what became of it.
   *
   * @param account null if the listener signs nobody in
   * @return the exit code
   */
  int send(
      ServerConfig config,
      ListenerConfig listener,
      SignInConfig.@Nullable Account account,
      CommandOutput commandOutput)
      throws Exception {
    String to = Objects.requireNonNull(recipient, "recipient");
    refuseMalformed("--send-to", to, commandOutput);
    TestMail.Listener through = TestMailSetup.through(config, listener);
    TestMail.Letter letter = letter(to, listener, account, commandOutput);
    Instant started = Instant.now().minusSeconds(1);
    TestMail.Outcome outcome;
    try {
      outcome = TestMail.send(through, letter, (step, seen) -> {});
    } catch (OperatorException failed) {
      throw new OperatorException("test message: " + failed.getMessage());
    }
    commandOutput.line(
        "test message through %s, %s, with %s"
            .formatted(listener.name(), through.address(), outcome.tls()));
    commandOutput.line(
        "%-12s %s: %s"
            .formatted(
                outcome.accepted() ? "accepted" : "NOT ACCEPTED", outcome.step(), outcome.reply()));
    if (!outcome.accepted()) {
      TestMailSetup.notAdmitted(account, outcome.device())
          .ifPresent(why -> commandOutput.line("remedy       " + why));
    }
    printRecord(config, listener, letter, outcome, started, commandOutput);
    return outcome.accepted() ? 0 : NOT_ACCEPTED;
  }

  private static void refuseMalformed(String option, String address, CommandOutput commandOutput) {
    if (!TestMail.isAddress(address)) {
      throw commandOutput.wrong(option + ": got '" + address + "'; expected a mail address");
    }
  }

  private TestMail.Letter letter(
      String to,
      ListenerConfig listener,
      SignInConfig.@Nullable Account account,
      CommandOutput commandOutput)
      throws Exception {
    String from = sender == null ? TestMailSetup.sender(listener, account) : sender;
    if (from == null) {
      throw commandOutput.wrong("--from: the sender is unknown; give its address");
    }
    refuseMalformed("--from", from, commandOutput);
    String name = login == null && account != null ? account.login() : login;
    if (name == null) {
      return new TestMail.Letter(from, to, null, null);
    }
    if (passwordFile == null) {
      throw commandOutput.wrong(
          "--password-file: '" + name + "' signs in with a password; give a file with it");
    }
    return new TestMail.Letter(from, to, name, PasswordFile.read(passwordFile));
  }

  private static void printRecord(
      ServerConfig config,
      ListenerConfig listener,
      TestMail.Letter letter,
      TestMail.Outcome outcome,
      Instant started,
      CommandOutput commandOutput)
      throws Exception {
    if (!config.inventory().enabled() || !config.messages().enabled()) {
      commandOutput.line(
          "record       none: inventory.enabled or messages.enabled is false in the configuration");
      return;
    }
    MessageFilter filter =
        new MessageFilter(
            letter.from(),
            "",
            outcome.device().getHostAddress(),
            Optional.of(listener.name()),
            Set.of(),
            Optional.of(started),
            Optional.empty());
    Duration longest = config.inventory().flushInterval().plus(WRITING);
    long deadline = System.nanoTime() + longest.toNanos();
    InventorySource.read(
        config,
        inventory -> {
          List<StoredMessage> found = List.of();
          while (found.isEmpty() && System.nanoTime() < deadline) {
            Thread.sleep(POLL_INTERVAL.toMillis());
            found = inventory.messages().page(filter, 0, 1).messages();
          }
          if (found.isEmpty()) {
            commandOutput.line(
                "record       none after %s s; check that the daemon runs with this configuration, and that the origin or the sign-in did not refuse the device before MAIL"
                    .formatted(longest.toSeconds()));
          } else {
            commandOutput.line("its record in the message trail:");
            MessageText.lines(found.get(0)).forEach(line -> commandOutput.line("  " + line));
          }
        });
  }
}
