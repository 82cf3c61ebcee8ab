package org.tlsuplift.server.command;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.daemon.Version;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

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
            .addSubcommand(new RunCommand(stop))
            .addSubcommand(new CheckCommand())
            .addSubcommand(new DemoCommand())
            .addSubcommand(
                new CommandLine(new CaCommand())
                    .addSubcommand(new CaShowCommand())
                    .addSubcommand(new CaExportCommand())
                    .addSubcommand(new CaRotateCommand()))
            .addSubcommand(
                new CommandLine(new AdminCommand())
                    .addSubcommand(new AdminHashCommand(() -> System.in))
                    .addSubcommand(new AdminTokenCommand()))
            .addSubcommand(AccountsCommand.line())
            .addSubcommand(new DevicesCommand())
            .addSubcommand(new ReportCommand())
            .addSubcommand(new ProbeCommand())
            .addSubcommand(new DoctorCommand())
            .addSubcommand(new HealthCommand())
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
}
