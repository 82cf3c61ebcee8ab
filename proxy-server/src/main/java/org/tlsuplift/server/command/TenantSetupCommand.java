package org.tlsuplift.server.command;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.init.Choices;
import org.tlsuplift.server.init.Interview;
import org.tlsuplift.server.init.SignInSection;
import org.tlsuplift.server.init.TenantSetup;
import org.tlsuplift.server.terminal.CommandAudit;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes the scripts for the administrator of a tenant, and the section of the configuration. */
@Command(
    name = "setup",
    header =
        "Make the certificate for sign-in, and write the script for the tenant's administrator.",
    description = {
      "Makes a certificate and its key in the data directory; the key never leaves this machine."
          + " Writes a PowerShell script that an administrator of the tenant runs, and one that"
          + " takes everything back. Then shows the section 'signIn' for the configuration.",
      "At a terminal, asks for every value that no option sets; Enter accepts the value in"
          + " brackets. Without a terminal, or with --yes, it asks nothing and uses the defaults.",
      "Run it as the daemon's user, because no other user can read the key. Run it again at any"
          + " time: it keeps the certificate."
    },
    footer = {
      "%nExample:%n  tls-uplift tenant setup --yes --tenant contoso.onmicrosoft.com --mailboxes"
          + " scanner@contoso.com"
    })
// Picocli fills the fields of the answers; TerminalAnswers reads them from its parse result.
@SuppressWarnings("UnusedVariable")
final class TenantSetupCommand implements Callable<Integer> {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Option(
      names = {"-d", Interview.DATA},
      paramLabel = "DIRECTORY",
      description =
          "The directory for the certificate and its key. Default: 'dataDirectory' of the"
              + " configuration.")
  private @Nullable Path data;

  @Option(
      names = Interview.TENANT,
      paramLabel = "TENANT",
      description =
          "The tenant's ID or domain, such as contoso.onmicrosoft.com. Default: that of the"
              + " configuration, with its flow and cloud.")
  private @Nullable String tenant;

  @Option(
      names = Interview.FLOW,
      paramLabel = "FLOW",
      description =
          "application (it signs in with the certificate) or device-code (a user signs in once for"
              + " each mailbox). Default: application.")
  private @Nullable String flow;

  @Option(
      names = TenantSetup.CLOUD,
      paramLabel = "CLOUD",
      description =
          "The cloud of the tenant: worldwide (also GCC), gcc-high, dod or china. Default: worldwide.")
  private @Nullable String cloud;

  @Option(
      names = TenantSetup.NAME,
      paramLabel = "NAME",
      description = "The name of the application in the tenant. Default: TLS Uplift.")
  private @Nullable String name;

  @Option(
      names = TenantSetup.MAILBOXES,
      paramLabel = "ADDRESS,...",
      description = "The mailboxes that the application may open. Default: none.")
  private @Nullable String mailboxes;

  @Option(
      names = TenantSetup.PROTOCOLS,
      paramLabel = "PROTOCOL,...",
      description = "The protocols of the devices: smtp, imap or pop3. Default: smtp.")
  private @Nullable String protocols;

  @Option(
      names = TenantSetup.OUTPUT,
      paramLabel = "DIRECTORY",
      description = "The directory for the scripts. Default: the current directory.")
  private @Nullable String output;

  @Option(
      names = Interview.APPLICATION_ID,
      paramLabel = "ID",
      description =
          "The application (client) ID, or the line with the IDs that the script printed.")
  private @Nullable String applicationId;

  @Option(
      names = "--client-secret",
      description =
          "Let the script create a client secret instead of uploading the certificate. A"
              + " certificate is safer.")
  private boolean secret;

  @Option(
      names = Interview.CLIENT_SECRET_FILE,
      paramLabel = "FILE",
      description = "With --client-secret: the file with the secret.")
  private @Nullable String clientSecretFile;

  @Option(
      names = "--new-certificate",
      description =
          "Make another certificate and key, for example before the certificate expires. The old"
              + " one stays in use until 'tls-uplift tenant check' succeeds with the new one.")
  private boolean renew;

  @Option(
      names = "--least",
      description =
          "Write the scripts that bring a tenant from the permission SMTP.SendAsApp, FullAccess and"
              + " SendAs to the role for SMTP, for the accounts of the configuration. Devices can send"
              + " at each step. A mailbox keeps FullAccess if a listener for IMAP or POP3 serves its"
              + " account, unless --mailboxes names it as one whose devices only send.")
  private boolean least;

  @Option(
      names = "--write",
      description =
          "Add the section to the configuration if it has none, or set the ID that is missing there."
              + " The old file is kept under a dated name.")
  private boolean write;

  @Option(
      names = "--listeners",
      paramLabel = "NAME,...",
      description =
          "With --write: the listeners for mail that get 'signIn: true', or all. Their devices then"
              + " need an account of TLS Uplift. Default: none.")
  private String listeners = "none";

  @Option(
      names = {"-y", "--yes"},
      description = "Ask nothing, and use the defaults for values that no option sets.")
  private boolean yes;

  /** The ID of the application in the configuration. */
  private @Nullable String known;

  @Override
  public Integer call() throws Exception {
    Console console = yes ? null : System.console();
    String file = config.file();
    if (write && file == null) {
      throw commandOutput.wrong("--write: needs --config, the configuration to change");
    }
    Path directory = data != null ? data.toAbsolutePath().normalize() : config.dataDirectory();
    Map<String, String> answers = answers(file);
    TenantSetup setup =
        new TenantSetup(
            answers,
            console == null ? null : new TerminalAnswers(console),
            directory,
            commandOutput::line,
            Clock.systemUTC());
    if (least) {
      return least(setup);
    }
    Choices.SignIn signIn = setup.run(secret, renew, known);
    String option = file == null ? "" : " --config " + file;
    if (signIn.isPending()) {
      commandOutput.line("");
      commandOutput.line(
          renew
              ? "When the administrator has run the script: tls-uplift tenant check --wait" + option
              : "When you have the IDs, run this command again with the same options and "
                  + Interview.APPLICATION_ID
                  + " \"LINE OF IDS\""
                  + (!secret || answers.containsKey(Interview.CLIENT_SECRET_FILE)
                      ? "."
                      : " " + Interview.CLIENT_SECRET_FILE + " FILE."));
      return 0;
    }
    SignInSection section =
        new SignInSection(signIn, Path.of(file == null ? "tls-uplift.yaml" : file), directory);
    if (write) {
      try {
        SignInSection.Change change = section.change(listeners);
        section.write(change, commandOutput::line, Clock.systemUTC());
        CommandAudit.record(
            commandOutput,
            config.dataDirectory(),
            "connect.write",
            Change.done(signIn.tenant(), "", change.summary()));
      } catch (IOException failed) {
        throw new OperatorException(
            "--config: got a file that cannot be written (" + failed + "); check its directory");
      }
    } else {
      commandOutput.line("");
      commandOutput.line("Add this to the configuration, or run the command again with --write:");
      commandOutput.exactly(section.text());
      if (!section.warning().isEmpty()) {
        commandOutput.line("warning: " + section.warning());
      }
    }
    commandOutput.line("");
    commandOutput.line("Then check each step: tls-uplift tenant check --wait" + option);
    return 0;
  }

  /** The given options, and what the configuration has about the tenant that they mean. */
  private Map<String, String> answers(@Nullable String file) throws InvalidConfigException {
    Map<String, String> answers = new HashMap<>(TerminalAnswers.options(commandOutput));
    try {
      SignInConfig signIn = file == null ? null : ConfigLoader.elsewhere(Path.of(file)).signIn();
      List<SignInTenant> found =
          signIn == null ? List.of() : ConfiguredSignIn.tenants(signIn, tenant);
      if (found.size() == 1) {
        SignInTenant configured = found.get(0);
        known = configured.isPending() ? null : configured.applicationId();
        answers.put(Interview.TENANT, configured.tenant());
        answers.putIfAbsent(Interview.FLOW, configured.flow().label());
        answers.putIfAbsent(TenantSetup.CLOUD, configured.cloud().label());
        if (configured.clientSecretFile() != null && !renew && !least) {
          secret = true;
          answers.putIfAbsent(
              Interview.CLIENT_SECRET_FILE, configured.clientSecretFile().toString());
        }
      }
    } catch (InvalidConfigException wrong) {
      // With the tenant, the command shows the section that may correct it.
      if (tenant == null) {
        throw wrong;
      }
    }
    return answers;
  }

  private int least(TenantSetup setup) throws OperatorException {
    if (write || secret || renew || applicationId != null) {
      throw commandOutput.wrong(
          "--least: takes its values from the configuration; leave out --write, --application-id and options for credentials");
    }
    LoadedConfig loaded = config.load();
    SignInConfig signIn = ConfiguredSignIn.of(loaded);
    SignInTenant of = SmtpMailboxes.tenant(signIn, tenant);
    SmtpMailboxes found = SmtpMailboxes.of(loaded, signIn, of);
    setup.least(of, found.all(), found.opened());
    return 0;
  }
}
