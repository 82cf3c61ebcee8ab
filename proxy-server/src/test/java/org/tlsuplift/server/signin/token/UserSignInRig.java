package org.tlsuplift.server.signin.token;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.tlsuplift.proxy.signin.TokenResult;
import org.tlsuplift.proxy.tls.OriginTrust;
import org.tlsuplift.server.testing.Upstreams;
import org.tlsuplift.server.testing.platform.AppRegistration;
import org.tlsuplift.server.testing.platform.IdentityPlatform;

/** The sign-in of users at a stand-in for the identity platform. */
public final class UserSignInRig implements AutoCloseable {
  private static final List<String> SCOPES =
      List.of(
          "https://outlook.office.com/SMTP.Send",
          "https://outlook.office.com/IMAP.AccessAsUser.All");

  private final IdentityPlatform platform = IdentityPlatform.start();
  private final AppRegistration app = platform.register();
  private final Path directory;
  private final PlatformHttp http;

  /**
   * @param directory for tokens
   */
  public UserSignInRig(Path directory) {
    this.directory = directory;
    http =
        new PlatformHttp(
            URI.create(platform.authority()),
            Upstreams.outgoing(OriginTrust.of(List.of(platform.certificate()))));
  }

  public IdentityPlatform platform() {
    return platform;
  }

  public AppRegistration app() {
    return app;
  }

  /** The sign-in, as the command has it. */
  public BrowserSignIn browser() {
    return new BrowserSignIn(authority(), http, store());
  }

  TokenAuthority authority() {
    return new TokenAuthority(
        "contoso", platform.authority(), app.id(), SCOPES, Duration.ofSeconds(60), "");
  }

  TokenStore store() {
    return new TokenStore(directory, "contoso", platform.authority() + app.id());
  }

  /** What the daemon gets for a mailbox, with a new request to the platform. */
  public TokenResult token(String mailbox) {
    try (CachedTokens tokens =
        CachedTokens.ofMailboxes(authority(), http, store(), outcome -> {})) {
      return tokens.token(mailbox).toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
    }
  }

  @Override
  public void close() {
    http.close();
    platform.close();
  }
}
