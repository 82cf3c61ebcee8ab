package org.tlsuplift.server.daemon;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.proxy.tls.TlsContexts;
import org.tlsuplift.server.audit.AuditJournal;
import org.tlsuplift.server.authority.CertificateAuthorities;
import org.tlsuplift.server.config.AdminConfig;
import org.tlsuplift.server.daemon.watch.IdentityWatch;
import org.tlsuplift.server.daemon.watch.TokenExpiry;
import org.tlsuplift.server.http.AdminAccess;
import org.tlsuplift.server.http.AdminFront;
import org.tlsuplift.server.http.AdminSpec;
import org.tlsuplift.server.http.AdminTls;
import org.tlsuplift.server.http.ResourcePath;
import org.tlsuplift.server.http.api.Api;
import org.tlsuplift.server.http.pages.PageSources;
import org.tlsuplift.server.http.pages.Pages;
import org.tlsuplift.server.inventory.LiveSessions;
import org.tlsuplift.server.inventory.jdbc.DeviceInventory;
import org.tlsuplift.server.mapping.ResolvedConfig;

/** The admin port of a checked configuration. */
public final class AdminSetup {
  private AdminSetup() {}

  public static AdminSpec spec(
      AdminConfig config,
      ResolvedConfig resolvedConfig,
      CertificateAuthorities certificateAuthorities,
      IdentityWatch identities,
      List<ResourcePath> routes,
      Pages pages,
      AuditJournal journal)
      throws OperatorException {
    return new AdminSpec(
        resolvedConfig.admin(),
        tls(config, resolvedConfig, certificateAuthorities, identities.admin()),
        access(config),
        new AdminFront(config.browserUrl(), config.trustedProxies()),
        OpenIdSource.provider(config.openIdConnect(), resolvedConfig),
        routes,
        pages.actions(),
        pages::refused,
        journal);
  }

  /**
   * The paths of the port besides metrics and health.
   *
   * @param inventory null if disabled
   */
  public static List<ResourcePath> routes(
      @Nullable DeviceInventory inventory,
      Pages pages,
      PageSources sources,
      LiveSessions sessions) {
    List<ResourcePath> routes = new ArrayList<>(pages.routes());
    routes.addAll(
        Api.routes(
            inventory == null ? null : inventory.inventory(),
            sources.messages().orElse(null),
            sessions,
            sources.endings(),
            sources.signInListeners(),
            pages::incidents,
            () -> sources.checks().latest()));
    return routes;
  }

  static AdminAccess access(AdminConfig config) {
    Set<String> names = new HashSet<>(config.serverNames());
    names.add(config.bind().host());
    if (config.browserUrl() != null) {
      names.add(URI.create(config.browserUrl()).getHost());
    }
    return new AdminAccess(
        names,
        config.users().stream()
            .map(user -> new AdminAccess.User(user.name(), user.passwordHash(), user.role()))
            .toList(),
        config.tokens().stream()
            .map(
                token ->
                    new AdminAccess.Token(
                        token.name(), token.sha256(), token.role(), TokenExpiry.end(token)))
            .toList(),
        OpenIdSource.access(config),
        config.openMetrics());
  }

  private static @Nullable AdminTls tls(
      AdminConfig config,
      ResolvedConfig resolvedConfig,
      CertificateAuthorities certificateAuthorities,
      @Nullable OriginIdentitySource files)
      throws OperatorException {
    if (config.tls() == null) {
      return null;
    }
    // Separate, so that device listeners do not resume its TLS sessions.
    TlsContexts contexts =
        new TlsContexts(resolvedConfig.trust(), resolvedConfig.maximumUpstream());
    return files == null
        ? AdminCertificate.signedBy(
            certificateAuthorities.sources().common(), config.certificateNames(), contexts)
        : AdminCertificate.of(contexts, files);
  }
}
