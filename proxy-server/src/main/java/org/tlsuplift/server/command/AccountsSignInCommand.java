package org.tlsuplift.server.command;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.cluster.TokenDatabase;
import org.tlsuplift.server.command.text.ConfigOption;
import org.tlsuplift.server.config.AccountsFile;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.daemon.TokenSource;
import org.tlsuplift.server.feature.Change;
import org.tlsuplift.server.http.LoopbackRedirect;
import org.tlsuplift.server.mapping.ConfigMapper;
import org.tlsuplift.server.mapping.ResolvedConfig;
import org.tlsuplift.server.mapping.TlsRuntime;
import org.tlsuplift.server.signin.token.BrowserSignIn;
import org.tlsuplift.server.signin.token.PlatformHttp;
import org.tlsuplift.server.terminal.CommandAudit;
import org.tlsuplift.server.terminal.CommandOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lets a user sign in for a mailbox in a browser. */
@Command(
    name = "sign-in",
    footer = "%nExample:%n  tls-uplift accounts sign-in scanner@contoso.com",
    header = "Sign in for a mailbox with a browser; for 'flow: device-code'.",
    description =
        "Prints an address and a code, waits until you enter the code there, and stores the tokens encrypted in dataDirectory, or with database.keyFile in the database for all instances. A running daemon finds them automatically. The browser can be on any machine. If a policy of the tenant blocks device code flow, use --browser.")
final class AccountsSignInCommand implements Callable<Integer> {
  @Mixin private final ConfigOption config = new ConfigOption();
  @Mixin private final CommandOutput commandOutput = new CommandOutput();

  @Parameters(
      paramLabel = "MAILBOX",
      description = "The mailbox. Sign in as its user, or as a user who may open it.")
  private String mailbox = "";

  @Option(
      names = "--tenant",
      paramLabel = "NAME",
      description =
          "The tenant of the mailbox. Default: that of the account with this mailbox, or the only tenant.")
  private @Nullable String tenant;

  @Option(
      names = "--browser",
      description =
          "Sign in without a code: the browser brings the result back (authorization code with PKCE). Prints an address. If the browser runs on this machine, the command ends by itself; otherwise paste the address of the page that cannot be loaded. The application needs the redirect URI http://localhost for 'Mobile and desktop applications'.")
  private boolean byBrowser;

  @Override
  public Integer call() throws Exception {
    LoadedConfig loaded = config.load();
    SignInConfig signIn = ConfiguredSignIn.of(loaded);
    SignInTenant of = tenant(signIn);
    if (of.flow() != SignInConfig.Flow.DEVICE_CODE) {
      throw new OperatorException(
          "%s.flow is '%s': the application signs in by itself, and users need not sign in"
              .formatted(signIn.path(of), of.flow().label()));
    }
    TlsRuntime.prepare(loaded.config());
    TlsRuntime.prove(loaded);
    ResolvedConfig resolvedConfig = ConfigMapper.map(loaded);
    try (TokenDatabase shared = TokenSource.database(loaded.config())) {
      return signIn(
          new TokenSource(loaded, of, shared), resolvedConfig, loaded.config().dataDirectory());
    }
  }

  private int signIn(TokenSource source, ResolvedConfig resolvedConfig, Path dataDirectory)
      throws Exception {
    try (PlatformHttp http = source.platform(resolvedConfig)) {
      BrowserSignIn browser = source.browser(http);
      String user =
          byBrowser
              ? byBrowser(browser)
              : browser.signIn(mailbox.toLowerCase(Locale.ROOT), this::show);
      CommandAudit.record(
          commandOutput,
          dataDirectory,
          "accounts.sign-in",
          Change.done(mailbox, "", user + " has signed in"));
      commandOutput.line("%s has signed in for %s".formatted(user, mailbox));
      if (!user.equalsIgnoreCase(mailbox)) {
        commandOutput.line(
            "share the mailbox with " + user + ": 'Full access' and 'Send as' are required");
      }
      return 0;
    }
  }

  private void show(BrowserSignIn.Invitation invitation) {
    commandOutput.line(
        "open %s and enter the code %s within %d minutes; waiting ..."
            .formatted(invitation.url(), invitation.code(), invitation.valid().toMinutes()));
  }

  private String byBrowser(BrowserSignIn browser) throws Exception {
    try (LoopbackRedirect loopback = LoopbackRedirect.open()) {
      return browser.signIn(
          mailbox.toLowerCase(Locale.ROOT),
          new BrowserRedirect(
              loopback, BrowserRedirect.terminal(), commandOutput::line, BrowserRedirect.LIMIT));
    }
  }

  private SignInTenant tenant(SignInConfig signIn) throws Exception {
    List<SignInTenant> possible = new ArrayList<>();
    if (tenant == null) {
      AccountsFile.all(signIn).stream()
          .filter(account -> account.mailbox().equalsIgnoreCase(mailbox))
          .flatMap(account -> signIn.tenantOf(account).stream())
          .distinct()
          .forEach(possible::add);
    }
    if (possible.isEmpty()) {
      signIn.tenants().stream()
          .filter(each -> tenant == null || tenant.equals(each.name()))
          .forEach(possible::add);
    }
    if (possible.size() == 1) {
      return possible.get(0);
    }
    throw new OperatorException(
        signIn.tenants().isEmpty()
            ? "'signIn' has no tenant: its accounts sign in with passwords"
            : "--tenant: got %s; expected %s"
                .formatted(
                    tenant == null ? "nothing" : "'" + tenant + "'",
                    String.join(", ", signIn.tenantNames())));
  }
}
