package org.tlsuplift.server.daemon;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.outcome.PlatformRefusal;
import org.tlsuplift.proxy.signin.TokenResult;
import org.tlsuplift.proxy.tls.OriginIdentity;
import org.tlsuplift.server.background.Schedule;
import org.tlsuplift.server.cluster.TokenDatabase;
import org.tlsuplift.server.config.DatabaseConfig;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.config.secret.IdentityContent;
import org.tlsuplift.server.config.secret.KeyFiles;
import org.tlsuplift.server.config.secret.PasswordFile;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.mapping.ResolvedConfig;
import org.tlsuplift.server.process.DataDirectory;
import org.tlsuplift.server.seal.SealKey;
import org.tlsuplift.server.signin.token.ApplicationCredential;
import org.tlsuplift.server.signin.token.BrowserSignIn;
import org.tlsuplift.server.signin.token.CachedTokens;
import org.tlsuplift.server.signin.token.CredentialSource;
import org.tlsuplift.server.signin.token.PlatformHttp;
import org.tlsuplift.server.signin.token.TokenAuthority;
import org.tlsuplift.server.signin.token.TokenOutcome;
import org.tlsuplift.server.signin.token.TokenStore;
import org.tlsuplift.server.signin.token.TokenStoreException;
import org.tlsuplift.server.signin.token.UserTokens;

/**
 * Creates the tokens of one tenant of a checked configuration.
 *
 * @param shared the database of {@link #database}, or null
 */
public record TokenSource(
    LoadedConfig loaded, SignInTenant tenant, @Nullable TokenDatabase shared) {
  /** Opens the database for the tokens of users, for a daemon, which logs outages. */
  static @Nullable TokenDatabase databaseOfDaemon(ServerConfig config, Schedule schedule)
      throws OperatorException {
    return database(config, (place, key) -> TokenDatabase.open(place, key, schedule));
  }

  /**
   * Opens the database for the tokens of users, which may be away, for a command.
   *
   * @return null if they are kept in the data directory
   * @throws OperatorException if the key or the password cannot be read
   */
  public static @Nullable TokenDatabase database(ServerConfig config) throws OperatorException {
    return database(config, TokenDatabase::forCommand);
  }

  private static @Nullable TokenDatabase database(
      ServerConfig config, BiFunction<DatabasePlace.PostgreSql, SealKey, TokenDatabase> open)
      throws OperatorException {
    DatabaseConfig database = config.database();
    if (database == null || database.keyFile() == null) {
      return null;
    }
    return open.apply(SharedDatabase.place(database), SealKey.read(database.keyFile()));
  }

  /** The HTTP client for the identity platform, with the same egress as other connections. */
  public PlatformHttp platform(ResolvedConfig resolvedConfig) {
    return new PlatformHttp(URI.create(tenant.tenantAuthority()), resolvedConfig.outgoing());
  }

  /** The cached tokens. Requests no token yet. */
  public CachedTokens tokens(PlatformHttp http, Consumer<TokenOutcome> observer) {
    return switch (tenant.flow()) {
      case APPLICATION ->
          CachedTokens.ofApplication(authority(), credentials(), http, store(), observer);
      case DEVICE_CODE -> CachedTokens.ofMailboxes(authority(), http, users(), observer);
    };
  }

  /** Requests a token of the application with this pair, past all caches. Blocks. */
  static TokenResult once(TokenAuthority authority, OriginIdentity by, PlatformHttp http) {
    return CachedTokens.once(
        authority, new ApplicationCredential.Certificate(by.key(), by.chain()), http);
  }

  /** Whether the application does not have the certificate, or the clock is wrong. */
  static boolean isUnknown(TokenResult result) {
    return result instanceof TokenResult.Refused refused
        && PlatformRefusal.of(PlatformRefusal.code(refused.why()))
            .equals(Optional.of(PlatformRefusal.CERTIFICATE_UNKNOWN));
  }

  /** The sign-in of a user, with or without a running daemon. */
  public BrowserSignIn browser(PlatformHttp http) throws OperatorException {
    DataDirectory.prepare(loaded.config().dataDirectory());
    return new BrowserSignIn(authority(), http, users());
  }

  /**
   * Whether a user must first sign in for the mailbox.
   *
   * @throws TokenStoreException if the database does not respond
   */
  public boolean needsUserSignIn(String mailbox) throws TokenStoreException {
    return tenant.flow() == SignInConfig.Flow.DEVICE_CODE
        && !users().isSignedIn(mailbox.toLowerCase(Locale.ROOT));
  }

  /** Whether a user must first sign in for the mailbox, if tokens are in the data directory. */
  public static boolean needsUserSignInLocally(
      LoadedConfig loaded, SignInTenant tenant, String mailbox) {
    return tenant.flow() == SignInConfig.Flow.DEVICE_CODE
        && !new TokenSource(loaded, tenant, null)
            .store()
            .isSignedIn(mailbox.toLowerCase(Locale.ROOT));
  }

  /** The cached tokens of the application for Microsoft Graph. Requests none yet. */
  CachedTokens graphTokens(PlatformHttp http) {
    return CachedTokens.ofApplication(
        graphAuthority(),
        credentials(),
        http,
        store(tenant.tokenOwner() + " graph"),
        outcome -> {});
  }

  /** For tokens of the application for Microsoft Graph. */
  TokenAuthority graphAuthority() {
    return authority(List.of(tenant.cloud().graph() + "/.default"));
  }

  TokenAuthority authority() {
    return authority(tenant.scopes());
  }

  private TokenAuthority authority(List<String> scopes) {
    return new TokenAuthority(
        tenant.name(),
        tenant.tenantAuthority(),
        tenant.applicationId(),
        scopes,
        tenant.service().reserve(),
        loaded.command("tenant setup --new-certificate"));
  }

  private UserTokens users() {
    TokenStore local = store();
    return shared == null ? local : shared.tokens(tenant.tokenOwner(), local);
  }

  private TokenStore store() {
    return store(tenant.tokenOwner());
  }

  private TokenStore store(String owner) {
    return new TokenStore(loaded.config().dataDirectory().resolve("sign-in"), tenant.name(), owner);
  }

  private CredentialSource credentials() {
    Path secret = tenant.clientSecretFile();
    AtomicReference<@Nullable ApplicationCredential> last = new AtomicReference<>();
    return () -> {
      if (tenant.isPending()) {
        throw new OperatorException(
            tenant.setting(loaded.source()) + ": the applicationId" + SignInTenant.IS_PENDING);
      }
      return secret != null
          ? List.of(secret(secret))
          : certificates(Objects.requireNonNull(tenant.certificate()), last);
    };
  }

  /**
   * Of a certificate that the daemon has renewed, also the one before it.
   *
   * @param last stays in use while its files cannot be used
   */
  private static List<ApplicationCredential> certificates(
      KeyFiles files, AtomicReference<@Nullable ApplicationCredential> last)
      throws OperatorException {
    Optional<OperatorException> unusable = Optional.empty();
    try {
      last.set(certificate(files));
    } catch (OperatorException damaged) {
      unusable = Optional.of(damaged);
    }
    List<ApplicationCredential> all = new ArrayList<>();
    Optional.ofNullable(last.get()).ifPresent(all::add);
    for (KeyFiles old : files.previous().stream().toList()) {
      try {
        all.add(certificate(old));
      } catch (OperatorException none) {
        // The one in use may work.
      }
    }
    if (all.isEmpty() && unusable.isPresent()) {
      throw unusable.get();
    }
    return all;
  }

  private static ApplicationCredential secret(Path file) throws OperatorException {
    String value = PasswordFile.read(file);
    return new ApplicationCredential.Secret(value == null ? "" : value);
  }

  private static ApplicationCredential certificate(KeyFiles files) throws OperatorException {
    OriginIdentity identity = IdentityContent.read(files).identity();
    return new ApplicationCredential.Certificate(identity.key(), identity.chain());
  }
}
