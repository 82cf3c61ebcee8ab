package org.tlsuplift.server.command;

import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.command.text.DeviceText;
import org.tlsuplift.server.command.text.FormOption;
import org.tlsuplift.server.command.text.MessageText;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.daemon.InventorySource;
import org.tlsuplift.server.inventory.FilterWords;
import org.tlsuplift.server.inventory.MessageCsv;
import org.tlsuplift.server.inventory.MessageJson;
import org.tlsuplift.server.inventory.messages.MessageFilter;
import org.tlsuplift.server.inventory.messages.MessagePage;
import org.tlsuplift.server.inventory.messages.MessageTimes;
import org.tlsuplift.server.inventory.messages.Messages;
import org.tlsuplift.server.inventory.messages.SilentSender;
import org.tlsuplift.server.inventory.messages.StoredMessage;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;

/** Prints the message trail. */
@Command(
    name = "messages",
    footer = "%nExample:%n  tls-uplift messages --device 10.1.2.0/24 --from 2h",
    header = "List the messages that devices sent, and what became of them.",
    description = {
      "Reads the inventory, whether the daemon runs or not. The latest message comes first. Messages of the last inventory.flushInterval may be missing. Subject and content are never recorded."
    })
final class MessagesCommand implements Callable<Integer> {
  private static final List<String> FOR_MESSAGES =
      List.of(
          "--sender",
          "--recipient",
          "--device",
          "--listener",
          "--outcome",
          "--from",
          "--to",
          "--limit");

  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @ArgGroup private final FormOption form = new FormOption();

  @Option(
      names = "--sender",
      paramLabel = "TEXT",
      description = "Only messages with this text in the sender or the account.")
  private String sender = "";

  @Option(
      names = "--recipient",
      paramLabel = "TEXT",
      description =
          "Only messages with this text in a recipient. With 'messages.recipients: domain', an address finds all messages to its domain.")
  private String recipient = "";

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description =
          "Only messages of these devices: an address, an address block such as 10.1.2.0/24, or text in the name.")
  private String device = "";

  @Option(
      names = "--listener",
      paramLabel = "NAME",
      description = "Only messages of this listener.")
  private @Nullable String listener;

  @Option(
      names = "--outcome",
      split = ",",
      paramLabel = "OUTCOME",
      description =
          "Only these outcomes, separated by commas: accepted, deferred, rejected, refused, abandoned, waiting, delivered, returned.")
  private List<String> outcomes = new ArrayList<>();

  @Option(
      names = "--from",
      paramLabel = "TIME",
      description =
          "Only messages since this time: 2026-11-27 or 2026-11-27T14:30 (UTC), or an age such as 2h or 7d.")
  private @Nullable String from;

  @Option(
      names = "--to",
      paramLabel = "TIME",
      description = "Only messages before this time, in the same format.")
  private @Nullable String to;

  @Option(
      names = "--limit",
      paramLabel = "NUMBER",
      description =
          "Print at most this number of messages. Default: 100 in a table, all as CSV or JSON.")
  private @Nullable Long limit;

  @Option(
      names = "--silent",
      description = "List the devices that sent mail regularly and have stopped.")
  private boolean silent;

  @Override
  public Integer call() throws Exception {
    refuseWithoutEffect();
    Instant now = Instant.now();
    MessageFilter filter = filter(now);
    ServerConfig loaded = config.load().config();
    if (!loaded.messages().enabled()) {
      throw new OperatorException(
          "messages.enabled is false, so no messages are recorded; set it to true");
    }
    InventorySource.read(
        loaded,
        inventory -> {
          if (silent) {
            silent(inventory.messages(), now);
          } else {
            list(inventory.messages(), filter);
          }
        });
    return 0;
  }

  private void refuseWithoutEffect() {
    if (limit != null && limit < 1) {
      throw commandOutput.wrong("--limit: got '" + limit + "'; expected 1 or more");
    }
    if (device.contains(",")
        && Stream.of(device.split(",", -1)).allMatch(MessagesCommand::isBlock)) {
      throw commandOutput.wrong(
          "--device: got '%s'; expected one address or one address block; run the command for each, or give a block that has all"
              .formatted(device));
    }
    ParseResult given = commandOutput.commandLine().getParseResult();
    for (String option : FOR_MESSAGES) {
      if (silent && given.hasMatchedOption(option)) {
        throw commandOutput.wrong(option + ": has no effect with --silent; remove it");
      }
    }
    if (silent && form.csv()) {
      throw commandOutput.wrong("--csv: has no effect with --silent; use --json");
    }
  }

  private static boolean isBlock(String text) {
    try {
      var unused = Cidr.parse(text.strip());
      return true;
    } catch (IllegalArgumentException name) {
      return false;
    }
  }

  private MessageFilter filter(Instant now) {
    return new MessageFilter(
        sender,
        recipient,
        device,
        Optional.ofNullable(listener),
        outcomes.isEmpty() ? Set.of() : outcomes(),
        Optional.ofNullable(from).map(text -> time("--from", text, now)),
        Optional.ofNullable(to).map(text -> time("--to", text, now)));
  }

  private Set<MessageOutcome> outcomes() {
    return commandOutput.parsed(
        "--outcome",
        () -> FilterWords.parseAll(MessageOutcome.values(), String.join(",", outcomes)));
  }

  private Instant time(String option, String text, Instant now) {
    try {
      return MessageTimes.parse(text, now);
    } catch (IllegalArgumentException wrong) {
      throw commandOutput.wrong(option + ": got '" + text + "'; " + wrong.getMessage());
    }
  }

  private void list(Messages messages, MessageFilter filter) throws SQLException, IOException {
    if (form.json()) {
      PrintWriter target = commandOutput.commandLine().getOut();
      MessageJson.write(consumer -> messages.forEach(filter, most(), consumer::accept), target);
      target.println();
      target.flush();
    } else if (form.csv()) {
      commandOutput.line(MessageCsv.HEADER);
      messages.forEach(filter, most(), message -> commandOutput.line(MessageCsv.line(message)));
    } else {
      long shown = limit == null ? 100 : limit;
      List<StoredMessage> found = new ArrayList<>();
      messages.forEach(filter, shown, found::add);
      MessageText.table(found).forEach(commandOutput::line);
      MessagePage all = messages.page(filter, 0, 1);
      commandOutput.line(
          DeviceText.count(all.total(), "message")
              + (all.total() > found.size() ? "; --limit shows more than " + found.size() : ""));
    }
  }

  private long most() {
    return limit == null ? Long.MAX_VALUE : limit;
  }

  private void silent(Messages messages, Instant now) throws SQLException, IOException {
    List<SilentSender> senders = messages.silentSenders(now);
    if (form.json()) {
      commandOutput.lines(MessageJson.text(senders));
    } else {
      MessageText.silent(senders).forEach(commandOutput::line);
      commandOutput.line(DeviceText.count(senders.size(), "silent device"));
    }
  }
}
