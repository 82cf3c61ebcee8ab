package org.tlsuplift.server.command;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.daemon.Version;
import org.tlsuplift.server.demo.Demo;
import org.tlsuplift.server.log.Printable;
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

/** The program itself: says what commands there are. */
@Command(
    name = "tls-uplift",
    header = "TLS Uplift lets old devices reach Microsoft 365: TLS 1.0 in, TLS 1.2 and 1.3 out.",
    synopsisSubcommandLabel = "COMMAND",
    scope = ScopeType.INHERIT,
    mixinStandardHelpOptions = true,
    versionProvider = UpliftCommand.Versions.class,
    usageHelpAutoWidth = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:as asked",
      "1:the program, or what was asked of it, failed",
      "2:the command line or the configuration is wrong"
    })
public final class UpliftCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = {"-v", "--verbose"},
      scope = ScopeType.INHERIT,
      description = "Log more, and show where in the program a failure arose.")
  private boolean verbose;

  private UpliftCommand() {}

  /**
   * The command line.
   *
   * @param stop tells the daemon when to stop
   */
  public static CommandLine line(StopSignal stop) {
    UpliftCommand root = new UpliftCommand();
    CommandLine line =
        new CommandLine(root)
            .addSubcommand(new InitCommand())
            .addSubcommand(new RunCommand(stop))
            .addSubcommand(new CheckCommand())
            .addSubcommand(new DemoCommand())
            .addSubcommand(
                new CommandLine(new CaCommand())
                    .addSubcommand(new CaShowCommand())
                    .addSubcommand(new CaExportCommand())
                    .addSubcommand(new CaStageCommand())
                    .addSubcommand(new CaActivateCommand())
                    .addSubcommand(new CaActivateCommand.CaUndoCommand())
                    .addSubcommand(new CaActivateCommand.CaRetireCommand())
                    .addSubcommand(new CaCommand.CaRotateCommand()))
            .addSubcommand(
                new CommandLine(new AdminCommand())
                    .addSubcommand(new AdminHashCommand(() -> System.in))
                    .addSubcommand(new AdminCommand.AdminTokenCommand()))
            .addSubcommand(AccountsCommand.line())
            .addSubcommand(new DevicesCommand())
            .addSubcommand(new ReportCommand())
            .addSubcommand(new ProbeCommand())
            .addSubcommand(new DoctorCommand())
            .addSubcommand(new HealthCommand())
            .addSubcommand(new ManualCommand())
            .setExecutionExceptionHandler(new CommandFailures(() -> root.verbose));
    // Reaches all subcommands, so it comes after they are added.
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

  /** Says which versions run. */
  static final class Versions implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {Version.current().toString()};
    }
  }

  /** Says what is wrong with a command line, in few lines: a page of help would hide it. */
  static final class UsageErrors implements IParameterExceptionHandler {
    @Override
    public int handleParseException(ParameterException wrong, String[] arguments) {
      CommandLine line = wrong.getCommandLine();
      PrintWriter err = line.getErr();
      err.println(Printable.lines(String.valueOf(wrong.getMessage())));
      UnmatchedArgumentException.printSuggestions(wrong, err);
      err.println("'" + line.getCommandSpec().qualifiedName() + " --help' tells what there is");
      err.flush();
      return CommandFailures.CONFIGURATION;
    }
  }

  /** Shows the upgrade from end to end, offline. */
  @Command(
      name = "demo",
      header = "Show old devices reach an origin of TLS 1.2 only; offline, in seconds.",
      description = {
        "Starts an origin, the proxy, and devices of TLS 1.0 and 1.1 on loopback; shows both sides and"
            + " what was counted. Exits with 0 only if every upgrade really happened."
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
