package org.tlsuplift.server.command;

import java.io.PrintWriter;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.command.text.CommandFailures;
import org.tlsuplift.server.command.text.LogLevels;
import org.tlsuplift.server.daemon.Features;
import org.tlsuplift.server.demo.Demo;
import org.tlsuplift.server.process.Version;
import org.tlsuplift.server.terminal.CommandOutput;
import org.tlsuplift.server.text.Printable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The program itself; prints the usage. */
@Command(
    name = "tls-uplift",
    header = "TLS Uplift connects old devices to Microsoft 365: TLS 1.0 in, TLS 1.2 and 1.3 out.",
    synopsisSubcommandLabel = "COMMAND",
    scope = ScopeType.INHERIT,
    mixinStandardHelpOptions = true,
    versionProvider = UpliftCommand.Versions.class,
    usageHelpAutoWidth = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:success",
      "1:the command failed",
      "2:the command line or the configuration has errors"
    })
public final class UpliftCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = {"-v", "--verbose"},
      scope = ScopeType.INHERIT,
      description = "Log more, and print stack traces of failures.")
  private boolean verbose;

  private UpliftCommand() {}

  /**
   * As {@link #line(StopSignal)}, for these arguments. Picocli reads the annotations of each
   * command by reflection, which takes a tenth of the daemon's start, so the daemon has its own
   * command only.
   */
  public static CommandLine line(StopSignal stop, String... arguments) {
    if (arguments.length == 0 || !arguments[0].equals("run")) {
      return line(stop);
    }
    UpliftCommand root = new UpliftCommand();
    return complete(root, new CommandLine(root).addSubcommand(new RunCommand(stop)));
  }

  /**
   * @param stop stops the daemon
   */
  public static CommandLine line(StopSignal stop) {
    UpliftCommand root = new UpliftCommand();
    List<Object> own =
        List.of(
            new InitCommand(),
            new RunCommand(stop),
            new ReloadCommand(),
            new CheckCommand(),
            new SchemaCommand(),
            new DemoCommand(),
            new CommandLine(new CaCommand())
                .addSubcommand(new CaShowCommand())
                .addSubcommand(new CaExportCommand())
                .addSubcommand(new CaStageCommand())
                .addSubcommand(new CaActivateCommand())
                .addSubcommand(new CaUndoCommand())
                .addSubcommand(new CaRetireCommand())
                .addSubcommand(new CaRotateCommand()),
            new CommandLine(new AdminCommand())
                .addSubcommand(new AdminHashCommand(() -> System.in))
                .addSubcommand(new AdminCommand.AdminTokenCommand()),
            AccountsCommand.line(),
            TenantCommand.line(),
            EndpointsCommand.line(),
            new BackupCommand(),
            new RestoreCommand(),
            new DevicesCommand(),
            new MessagesCommand(),
            new ReportCommand(),
            new ProbeCommand(),
            DoctorCommand.line(),
            NotifyCommand.line(),
            new HealthCommand(),
            new ManualCommand());
    SortedMap<Integer, Object> places = new TreeMap<>();
    own.forEach(each -> places.put(10 * (places.size() + 1), each));
    Features.commands().forEach(each -> places.put(each.place(), each.command().get()));
    CommandLine line = new CommandLine(root);
    places.values().forEach(line::addSubcommand);
    return complete(root, line);
  }

  private static CommandLine complete(UpliftCommand root, CommandLine line) {
    line.setExecutionExceptionHandler(new CommandFailures(() -> root.verbose));
    // Applies to all subcommands, so it must follow them.
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setParameterExceptionHandler(new UsageErrors());
    line.setExecutionStrategy(
        parsed -> {
          if (root.verbose) {
            LogLevels.verbose();
          }
          return new CommandLine.RunLast().execute(parsed);
        });
    return line;
  }

  @Override
  public Integer call() {
    if (spec != null) {
      spec.commandLine().usage(spec.commandLine().getErr());
    }
    return CommandFailures.CONFIGURATION;
  }

  static final class Versions implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {Version.current().toString()};
    }
  }

  /** Prints a command line error without the usage, which would hide it. */
  public static final class UsageErrors implements IParameterExceptionHandler {
    @Override
    public int handleParseException(ParameterException wrong, String[] arguments) {
      CommandLine line = wrong.getCommandLine();
      PrintWriter err = line.getErr();
      err.println(Printable.lines(String.valueOf(wrong.getMessage())));
      UnmatchedArgumentException.printSuggestions(wrong, err);
      err.println(
          "'" + line.getCommandSpec().qualifiedName() + " --help' lists the options and commands");
      err.flush();
      return CommandFailures.CONFIGURATION;
    }
  }

  /** Demonstrates the upgrade from end to end, offline. */
  @Command(
      name = "demo",
      footer = "%nExample:%n  tls-uplift demo",
      header =
          "Demonstrate how old devices reach an origin that supports TLS 1.2 only; offline, in"
              + " seconds.",
      description = {
        "Starts an origin, the proxy, and devices with TLS 1.0 and 1.1 on loopback; prints both"
            + " sides and the counters. Exits with 0 only if every upgrade succeeded."
      })
  static final class DemoCommand implements Callable<Integer> {
    @Mixin private final CommandOutput commandOutput = new CommandOutput();

    @Override
    public Integer call() throws Exception {
      LogLevels.quiet();
      new Demo(commandOutput::line).run();
      return 0;
    }
  }
}
