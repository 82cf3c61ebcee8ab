package org.tlsuplift.server.command;

import java.io.Console;
import java.io.IOException;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.authority.ThisMachine;
import org.tlsuplift.server.init.Choices;
import org.tlsuplift.server.init.FirstSetup;
import org.tlsuplift.server.init.Interview;
import org.tlsuplift.server.init.TenantSetup;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes the first configuration and makes its certificate authority. */
@Command(
    name = "init",
    header = "Write the first configuration, and make the CA that devices trust.",
    description = {
      "At a terminal, asks for every value that no option sets; Enter accepts the value in"
          + " brackets. Without a terminal, or with --yes, it asks nothing and uses the defaults.",
      "Never changes a CA. Overwrites a configuration only with --force. Run it as the daemon's"
          + " user, because no other user can read the CA's key."
    },
    footer = {
      "%nExample:%n  tls-uplift init --yes --names uplift.corp.example,192.168.1.5 --ways"
          + " proxy,scan-to-mail"
    })
// Picocli fills the fields of the answers; TerminalAnswers reads them from its parse result.
@SuppressWarnings("UnusedVariable")
final class InitCommand implements Callable<Integer> {
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Option(
      names = {"-c", Interview.CONFIG},
      paramLabel = "FILE",
      description = "The configuration to write. Default: ./tls-uplift.yaml.")
  private @Nullable String config;

  @Option(
      names = {"-d", Interview.DATA},
      paramLabel = "DIRECTORY",
      description =
          "The directory for the CA and the inventory. Default: 'data' beside the"
              + " configuration.")
  private @Nullable String data;

  @Option(
      names = {"-n", Interview.NAMES},
      paramLabel = "NAME,...",
      description =
          "The names and addresses by which devices reach this machine. Default: its own names"
              + " and addresses.")
  private @Nullable String names;

  @Option(
      names = {"-w", Interview.WAYS},
      paramLabel = "WAY,...",
      description =
          "How devices connect: proxy, https, scan-to-mail, mailboxes, sign-in, direct-send,"
              + " socks, transparent or antique. Default: proxy, https and scan-to-mail.")
  private @Nullable String ways;

  @Option(
      names = Interview.TENANT,
      paramLabel = "TENANT",
      description = "For sign-in: the tenant's ID or domain, such as contoso.onmicrosoft.com.")
  private @Nullable String tenant;

  @Option(
      names = Interview.APPLICATION_ID,
      paramLabel = "ID",
      description =
          "For sign-in: the application (client) ID in that tenant. Default: set later, because"
              + " 'tls-uplift tenant setup' writes the script that registers the application.")
  private @Nullable String applicationId;

  @Option(
      names = Interview.FLOW,
      paramLabel = "FLOW",
      description =
          "For sign-in: application (it signs in with a certificate or a secret) or device-code (a"
              + " user signs in once for each mailbox). Default: application.")
  private @Nullable String flow;

  @Option(
      names = TenantSetup.CLOUD,
      paramLabel = "CLOUD",
      description =
          "The cloud of the tenant, for the servers and the sign-in: worldwide (also GCC), gcc-high, dod or china."
              + " Default: worldwide.")
  private @Nullable String cloud;

  @Option(
      names = Interview.CLIENT_SECRET_FILE,
      paramLabel = "FILE",
      description = "For sign-in with flow application: the file with the application's secret.")
  private @Nullable String clientSecretFile;

  @Option(
      names = Interview.MX_HOST,
      paramLabel = "HOST",
      description =
          "For direct-send: the MX host of your domain in Microsoft 365, such as"
              + " contoso-com.mail.protection.outlook.com.")
  private @Nullable String mxHost;

  @Option(
      names = Interview.ALLOWED_SENDERS,
      paramLabel = "SENDER,...",
      description =
          "For direct-send: the only senders that devices may use, on every port for mail: addresses,"
              + " or @contoso.com for a whole domain.")
  private @Nullable String allowedSenders;

  @Option(
      names = Interview.ANTIQUE_DEVICES,
      paramLabel = "CIDR,...",
      description = "For antique: the addresses of the antique devices; no others may connect.")
  private @Nullable String antiqueDevices;

  @Option(
      names = Interview.ANTIQUE_UNTIL,
      paramLabel = "DAY",
      description =
          "For antique: the last day of the antique ports, such as 2027-06-30."
              + " Default: in 180 days.")
  private @Nullable String antiqueUntil;

  @Option(
      names = Interview.ADMIN_USER,
      paramLabel = "NAME",
      description =
          "The user who may change everything on the web pages. The command prints a new password"
              + " once. Default: admin at a terminal, otherwise none.")
  private @Nullable String adminUser;

  @Option(
      names = {"-y", "--yes"},
      description = "Ask nothing, and use the defaults for values that no option sets.")
  private boolean yes;

  @Option(
      names = "--force",
      description = "Replace an existing configuration; the old file is kept under a dated name.")
  private boolean force;

  @Override
  public Integer call() throws Exception {
    Console console = yes ? null : System.console();
    Interview interview =
        new Interview(
            TerminalAnswers.options(commandOutput),
            console == null ? null : new TerminalAnswers(console),
            force,
            ThisMachine.names(),
            LocalDate.now(ZoneId.systemDefault()));
    Choices choices;
    try {
      choices = interview.choose();
    } catch (OperatorException wrong) {
      throw commandOutput.wrong(wrong.getMessage());
    }
    try {
      new FirstSetup(choices, commandOutput::line, Clock.systemUTC()).run();
      return 0;
    } catch (IOException failed) {
      throw new OperatorException(
          "--config: got a file that cannot be written (" + failed + "); choose another file");
    }
  }
}
