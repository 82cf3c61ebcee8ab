package org.tlsuplift.server.spool;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.feature.Change.Result;
import org.tlsuplift.server.mail.OutgoingMessage;
import org.tlsuplift.server.terminal.CommandAudit;
import org.tlsuplift.server.terminal.CommandGroup;
import org.tlsuplift.server.terminal.CommandOutput;
import org.tlsuplift.server.terminal.ConfigFile;
import org.tlsuplift.server.text.Json;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands for messages that wait for delivery, with or without a running daemon. */
@Command(
    name = "spool",
    header = "List the messages that wait for delivery, and retry, hold or delete them.",
    description =
        "The daemon may run meanwhile. With several instances, the spool has the messages of all.")
public final class SpoolCommand extends CommandGroup {
  private static final String YES = "--yes";
  private static final String ALL = "--all";

  private final Access access;

  private SpoolCommand(Access access) {
    this.access = access;
  }

  /** Reads a configuration. */
  public interface Loading {
    /**
     * @param file null for the built-in default
     */
    SpoolSettings load(@Nullable String file) throws OperatorException;
  }

  /** Opens a spool. */
  interface Opening {
    SpoolStore open(SpoolSettings settings) throws OperatorException;
  }

  private record Access(Loading loading, Opening opening) {
    SpoolStore open(ConfigFile config) throws OperatorException {
      return opening.open(loading.load(config.file()));
    }
  }

  public static CommandLine line(Loading loading) {
    return line(loading, SpoolSettings::open);
  }

  static CommandLine line(Loading loading, Opening opening) {
    Access access = new Access(loading, opening);
    CommandLine line = new CommandLine(new SpoolCommand(access));
    for (SpoolChange change : SpoolChange.values()) {
      CommandLine each = new CommandLine(new Changing(access, change));
      String example = "%nExample:%n  tls-uplift spool %s 01a22f2a16b7b194318a850f03f3";
      each.getCommandSpec()
          .usageMessage()
          .header(change.summary)
          .footer(
              example.replace("%s", change.label())
                  + (change == SpoolChange.DROP ? " " + YES : ""));
      if (change == SpoolChange.DROP) {
        String why = "Required, because nobody can bring the messages back.";
        each.getCommandSpec().addOption(OptionSpec.builder("-y", YES).description(why).build());
      }
      if (change == SpoolChange.RETRY) {
        CommandSpec spec = each.getCommandSpec();
        PositionalParamSpec ids = spec.positionalParameters().get(0);
        spec.remove(ids);
        spec.addPositional(ids.toBuilder().required(false).arity("0..*").build());
        String what = "Try all messages now, except those that are held.";
        spec.addOption(OptionSpec.builder(ALL).description(what).build());
      }
      line.addSubcommand(change.label(), each);
    }
    return line;
  }

  @Command(
      header = "List the oldest messages that wait.",
      footer = "%nExamples:%n  tls-uplift spool list%n  tls-uplift spool list --json --limit 10000")
  int list(
      @Mixin ConfigFile config,
      @Mixin CommandOutput output,
      @Option(
              names = "--limit",
              paramLabel = "NUMBER",
              defaultValue = "" + WaitingMail.SHOWN,
              description = "Print at most this number of messages. Default: ${DEFAULT-VALUE}.")
          int limit,
      @Option(names = "--json", description = "Print JSON.") boolean json)
      throws Exception {
    if (limit < 1) {
      throw output.wrong("--limit: got '" + limit + "'; expected 1 or more");
    }
    try (SpoolStore spool = access.open(config)) {
      WaitingMail mail = WaitingMail.of(spool, limit);
      output.lines(
          json ? Json.INDENTED.writeValueAsString(mail) : WaitingText.table(mail, Instant.now()));
    }
    return 0;
  }

  @Command(
      header = "Show sender, recipients and state of messages that wait, but no content.",
      footer = "%nExample:%n  tls-uplift spool show 01a22f2a16b7b194318a850f03f3")
  int show(
      @Mixin ConfigFile config,
      @Mixin CommandOutput output,
      @Mixin Ids ids,
      @Option(names = "--json", description = "Print JSON.") boolean json)
      throws Exception {
    List<WaitingMail.Message> found = new ArrayList<>();
    try (SpoolStore spool = access.open(config)) {
      for (String id : ids.all) {
        OutgoingMessage message = spool.find(id).orElse(null);
        if (message == null) {
          throw new OperatorException(id + ": " + SpoolChange.GONE);
        }
        found.add(WaitingMail.Message.of(message));
      }
    }
    if (json) {
      output.lines(Json.INDENTED.writeValueAsString(found));
    } else {
      found.forEach(each -> WaitingText.lines(each).forEach(output::line));
    }
    return 0;
  }

  /** The messages that a command is about. */
  static final class Ids {
    @Parameters(paramLabel = "ID", arity = "1..*", description = "The message, as in the list.")
    private List<String> all = List.of();
  }

  /** Changes messages. */
  @Command(description = "The exit code is 1 if a message was not changed.")
  private static final class Changing implements Callable<Integer> {
    @Mixin private final ConfigFile config = new ConfigFile();
    @Mixin private final CommandOutput output = new CommandOutput();
    @Mixin private final Ids ids = new Ids();
    private final Access access;
    private final SpoolChange change;

    private Changing(Access access, SpoolChange change) {
      this.access = access;
      this.change = change;
    }

    @Override
    public Integer call() throws Exception {
      if (change == SpoolChange.DROP
          && !output.commandLine().getParseResult().hasMatchedOption(YES)) {
        throw output.wrong("nothing was deleted; add --yes if nobody needs the messages");
      }
      boolean all = output.commandLine().getParseResult().hasMatchedOption(ALL);
      if (all != ids.all.isEmpty()) {
        throw output.wrong("give the IDs of messages, as in the list, or --all");
      }
      SpoolSettings loaded = access.loading.load(config.file());
      List<String> wanted = all ? List.of("all") : ids.all;
      List<Change> made = new ArrayList<>();
      try (SpoolStore spool = access.opening.open(loaded)) {
        for (String id : wanted) {
          Change one = all ? SpoolChange.retryAll(spool) : change.make(spool, id);
          output.line(id + ": " + one.after());
          if (one.result() == Result.DONE) {
            made.add(one);
          }
        }
      } finally {
        if (!made.isEmpty()) {
          CommandAudit.record(output, loaded.dataDirectory(), "waiting." + change.label(), made);
        }
      }
      return made.size() == wanted.size() ? 0 : 1;
    }
  }
}
