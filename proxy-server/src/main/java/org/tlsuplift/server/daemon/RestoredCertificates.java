package org.tlsuplift.server.daemon;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.signin.TokenResult;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.init.ApplicationCertificate;
import org.tlsuplift.server.mapping.ConfigMapper;
import org.tlsuplift.server.signin.token.PlatformHttp;

/**
 * Compares a restored data directory with the tenants: an application may have lost the certificate
 * of an older backup. Blocks on the network.
 */
public final class RestoredCertificates {
  private RestoredCertificates() {}

  /**
   * Requests a token with each restored certificate. Never throws: the restore is done.
   *
   * @param config the file of the configuration, which need not exist
   * @param output receives a line for each tenant
   */
  public static void check(Path config, Path dataDirectory, Consumer<String> output) {
    try {
      LoadedConfig loaded = ConfigLoader.load(config);
      SignInConfig signIn = loaded.config().signIn();
      if (signIn != null) {
        for (SignInTenant tenant : signIn.tenants()) {
          ApplicationCertificate own = ApplicationCertificate.of(dataDirectory, tenant.tenant());
          if (tenant.certificate() != null && own.exists()) {
            output.accept(words(loaded, tenant, own));
          }
        }
      }
    } catch (Exception unusable) {
      output.accept(
          notChecked(
              config.toString(),
              "the restored certificate",
              String.valueOf(unusable.getMessage())));
    }
  }

  private static String words(LoadedConfig loaded, SignInTenant tenant, ApplicationCertificate own)
      throws Exception {
    TokenSource source = new TokenSource(loaded, tenant, null);
    TokenResult result;
    try (PlatformHttp platform = source.platform(ConfigMapper.map(loaded))) {
      result = TokenSource.once(source.authority(), own.serving(), platform);
      for (ApplicationCertificate other : List.of(own.previous(), own.staged())) {
        if (TokenSource.isUnknown(result) && other.matches()) {
          result = TokenSource.once(source.authority(), other.read(), platform);
        }
      }
    }
    if (result instanceof TokenResult.Issued) {
      return "tenant %s accepts the restored certificate".formatted(tenant.tenant());
    }
    return TokenSource.isUnknown(result)
        ? "run 'tls-uplift tenant setup --new-certificate --tenant %s --config %s' as the daemon's user, and let an administrator run its script: the tenant does not know the restored certificate"
            .formatted(tenant.tenant(), ShortText.shell(loaded.source()))
        : notChecked(
            loaded.source(), "the restored certificate of tenant " + tenant.tenant(), why(result));
  }

  private static String why(TokenResult result) {
    return result instanceof TokenResult.Refused refused
        ? refused.why()
        : result instanceof TokenResult.Unavailable away ? away.why() : "";
  }

  private static String notChecked(String config, String what, String why) {
    return "run 'tls-uplift tenant check --config %s' later: %s could not be compared with the tenant (%s)"
        .formatted(ShortText.shell(config), what, why.replaceAll("\\s+", " "));
  }
}
