package org.tlsuplift.server.daemon;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.AdminConfig;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.OpenIdConnectConfig;
import org.tlsuplift.server.config.secret.PasswordFile;
import org.tlsuplift.server.feature.HasCheck;
import org.tlsuplift.server.http.AdminAccess;
import org.tlsuplift.server.https.HttpsRequest;
import org.tlsuplift.server.https.HttpsResponse;
import org.tlsuplift.server.https.HttpsService;
import org.tlsuplift.server.mapping.ConfigMapper;
import org.tlsuplift.server.mapping.ResolvedConfig;
import org.tlsuplift.server.signin.openid.OpenIdClient;
import org.tlsuplift.server.signin.openid.OpenIdProvider;

/** The OpenID provider of a checked configuration. */
final class OpenIdSource {
  private static final HttpsService.Bounds BOUNDS =
      new HttpsService.Bounds(Duration.ofSeconds(10), 256 * 1024);

  private OpenIdSource() {}

  private static OpenIdClient client(OpenIdConnectConfig config) {
    return new OpenIdClient(config.issuer(), config.clientId(), config.rolesClaim());
  }

  /** The provider's name, for people; empty for none. */
  static String name(@Nullable OpenIdConnectConfig config) {
    return config == null ? "" : client(config).provider();
  }

  static AdminAccess.@Nullable OpenIdConnect access(AdminConfig admin) {
    OpenIdConnectConfig config = admin.openIdConnect();
    return config == null
        ? null
        : new AdminAccess.OpenIdConnect(
            client(config), admin.browserUrl(), config.roles().byValue());
  }

  /** The redirect URIs for the names of the pages, which the provider must have. */
  static List<String> redirectUris(AdminConfig admin) {
    AdminAccess.OpenIdConnect access = access(admin);
    String scheme = admin.tls() == null ? "http://" : "https://";
    String port = admin.bind().port() == 443 ? "" : ":" + admin.bind().port();
    List<String> names = admin.certificateNames();
    return access == null
        ? List.of()
        : (names.isEmpty() ? List.of("NAME") : names)
            .stream()
                .map(name -> scheme + (name.indexOf(':') < 0 ? name : "[" + name + "]") + port)
                .map(access::redirectUri)
                .distinct()
                .toList();
  }

  /** The check of the provider, if there is one. */
  static Stream<HasCheck> check(LoadedConfig loaded) {
    AdminConfig admin = loaded.config().admin();
    return Stream.ofNullable(admin.openIdConnect())
        .map(
            config ->
                new OpenIdCheck(
                    config.issuer(),
                    redirectUris(admin),
                    () -> provider(config, ConfigMapper.map(loaded))));
  }

  /** Sends nothing yet. Its connections leave as those to origins do, each request by its own. */
  static OpenIdProvider provider(OpenIdConnectConfig config, ResolvedConfig resolvedConfig) {
    return new OpenIdProvider(
        client(config),
        (url, request) -> send(url, request, resolvedConfig),
        () -> PasswordFile.read(config.clientSecretFile()),
        Clock.systemUTC());
  }

  private static HttpsResponse send(URI url, HttpsRequest request, ResolvedConfig resolvedConfig)
      throws OperatorException {
    try (HttpsService https =
        new HttpsService(
            HttpsService.server(url),
            "admin.openIdConnect.issuer",
            BOUNDS,
            resolvedConfig.outgoing())) {
      return https.send(request);
    }
  }
}
