package org.tlsuplift.server.daemon;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.outcome.PlatformRefusal;
import org.tlsuplift.proxy.signin.TokenResult;
import org.tlsuplift.proxy.tls.OriginIdentity;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.daemon.mapping.ConfigMapper;
import org.tlsuplift.server.init.ApplicationCertificate;
import org.tlsuplift.server.signin.token.ApplicationCredential;
import org.tlsuplift.server.signin.token.CachedTokens;
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
    TokenSource source = new TokenSource(loaded.config(), tenant, null);
    TokenResult result;
    try (PlatformHttp platform = source.platform(ConfigMapper.map(loaded))) {
      result = token(source, own, platform);
      for (ApplicationCertificate other : List.of(own.previous(), own.staged())) {
        if (isUnknown(result) && other.matches()) {
          result = token(source, other, platform);
        }
      }
    }
    if (result instanceof TokenResult.Issued) {
      return "tenant %s accepts the restored certificate".formatted(tenant.tenant());
    }
    return isUnknown(result)
        ? "run 'tls-uplift tenant setup --new-certificate --tenant %s --config %s' as the daemon's user, and let an administrator run its script: the tenant does not know the restored certificate"
            .formatted(tenant.tenant(), loaded.source())
        : notChecked(
            loaded.source(), "the restored certificate of tenant " + tenant.tenant(), why(result));
  }

  private static TokenResult token(
      TokenSource source, ApplicationCertificate pair, PlatformHttp platform)
      throws OperatorException {
    OriginIdentity identity = pair.read();
    return CachedTokens.once(
        source.authority(),
        new ApplicationCredential.Certificate(identity.key(), identity.chain()),
        platform);
  }

  private static boolean isUnknown(TokenResult result) {
    return PlatformRefusal.of(PlatformRefusal.code(why(result)))
        .equals(Optional.of(PlatformRefusal.CERTIFICATE_UNKNOWN));
  }

  private static String why(TokenResult result) {
    return result instanceof TokenResult.Refused refused
        ? refused.why()
        : result instanceof TokenResult.Unavailable away ? away.why() : "";
  }

  private static String notChecked(String config, String what, String why) {
    return "run 'tls-uplift tenant check --config %s' later: %s could not be compared with the tenant (%s)"
        .formatted(config, what, why.replaceAll("\\s+", " "));
  }
}
