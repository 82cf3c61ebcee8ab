package org.tlsuplift.server.command;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.authority.CaSource;
import org.tlsuplift.server.command.text.CommandOutput;
import org.tlsuplift.server.command.text.MessageText;
import org.tlsuplift.server.config.BindAddress;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.secret.IdentityContent;
import org.tlsuplift.server.config.secret.KeyFiles;
import org.tlsuplift.server.config.secret.PasswordFile;
import org.tlsuplift.server.daemon.InventorySource;
import org.tlsuplift.server.doctor.TestMail;
import org.tlsuplift.server.inventory.jdbc.ReadOnlyInventory;
import org.tlsuplift.server.inventory.messages.MessageFilter;
import org.tlsuplift.server.inventory.messages.StoredMessage;
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
    TestMail.Listener through = through(config, listener);
    TestMail.Letter letter = letter(to, listener, account, commandOutput);
    Instant started = Instant.now().minusSeconds(1);
    TestMail.Outcome outcome;
    try {
      outcome = TestMail.send(through, letter);
    } catch (OperatorException failed) {
      throw new OperatorException("test message: " + failed.getMessage());
    }
    commandOutput.line(
        "test message through "
            + listener.name()
            + ", "
            + through.address()
            + ", with "
            + outcome.tls());
    commandOutput.line(
        "%-12s %s: %s"
            .formatted(
                outcome.accepted() ? "accepted" : "NOT ACCEPTED", outcome.step(), outcome.reply()));
    printRecord(config, listener, letter, outcome, started, commandOutput);
    return outcome.accepted() ? 0 : NOT_ACCEPTED;
  }

  private static void refuseMalformed(String option, String address, CommandOutput commandOutput) {
    if (!address.matches("[^\\s<>@]+@[^\\s<>@]+")) {
      throw commandOutput.wrong(option + ": got '" + address + "'; expected a mail address");
    }
  }

  private TestMail.Letter letter(
      String to,
      ListenerConfig listener,
      SignInConfig.@Nullable Account account,
      CommandOutput commandOutput)
      throws Exception {
    String from = sender;
    if (from == null && account != null) {
      from = account.mailbox();
    }
    if (from == null && listener.mail() != null) {
      from =
          listener.mail().allowedSenders().stream()
              .filter(allowed -> allowed.indexOf('@') > 0)
              .findFirst()
              .orElse(null);
    }
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

  private static TestMail.Listener through(ServerConfig config, ListenerConfig listener)
      throws OperatorException {
    BindAddress bind = listener.bind().get(0);
    if (bind.port() == 0) {
      throw new OperatorException(
          "listener "
              + listener.name()
              + ": bind has port 0, so the port is unknown; set a fixed port");
    }
    if (listener.proxyProtocol() != null) {
      throw new OperatorException(
          "listener "
              + listener.name()
              + " expects a PROXY header, which no device sends; send a message through the load"
              + " balancer instead");
    }
    InetAddress host =
        bind.isEveryAddress()
            ? InetAddress.getLoopbackAddress()
            : new InetSocketAddress(bind.host(), bind.port()).getAddress();
    return new TestMail.Listener(
        new InetSocketAddress(host, bind.port()),
        listener.service().downstreamTls() == MailService.DeviceTls.IMPLICIT,
        listener.tls().profile() == ListenerConfig.Profile.MODERN,
        listener.certificate().serverNames().stream()
            .findFirst()
            .orElseGet(() -> Objects.requireNonNull(listener.origin(), "origin").host()),
        trusted(config, listener));
  }

  /** The CA of the listener, and the operator's certificate if the listener has one. */
  private static List<X509Certificate> trusted(ServerConfig config, ListenerConfig listener)
      throws OperatorException {
    List<X509Certificate> trusted = new ArrayList<>();
    KeyFiles files = listener.certificate().files();
    if (files != null) {
      trusted.add(IdentityContent.read(files).identity().chain().get(0));
    }
    Optional<CaSource> own =
        CaSource.ofListeners(config).stream()
            .filter(each -> each.listener().equals(listener.name()))
            .map(CaSource.class::cast)
            .findFirst();
    own.orElseGet(() -> CaSource.common(config))
        .find()
        .ifPresent(found -> trusted.add(found.anchor()));
    if (trusted.isEmpty()) {
      throw new OperatorException(
          "there is no CA in dataDirectory; start the daemon with this configuration first");
    }
    return trusted;
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
    try (ReadOnlyInventory inventory = InventorySource.read(config)) {
      List<StoredMessage> found = List.of();
      while (found.isEmpty() && System.nanoTime() < deadline) {
        Thread.sleep(POLL_INTERVAL.toMillis());
        found = inventory.messages().page(filter, 0, 1).messages();
      }
      if (found.isEmpty()) {
        commandOutput.line(
            "record       none after "
                + longest.toSeconds()
                + " s; check that the daemon runs with this configuration, and that the origin or"
                + " the sign-in did not refuse the device before MAIL");
      } else {
        commandOutput.line("its record in the message trail:");
        MessageText.lines(found.get(0)).forEach(line -> commandOutput.line("  " + line));
      }
    } catch (SQLException failed) {
      throw InventorySource.unreadable(failed);
    }
  }
}
