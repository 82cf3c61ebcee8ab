package org.tlsuplift.server.daemon;

import java.net.URI;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.OriginIdentitySource;
import org.tlsuplift.proxy.tls.TlsContexts;
import org.tlsuplift.server.audit.AuditJournal;
import org.tlsuplift.server.authority.CertificateAuthorities;
import org.tlsuplift.server.config.AdminConfig;
import org.tlsuplift.server.config.OpenIdConnectConfig;
import org.tlsuplift.server.daemon.watch.TokenExpiry;
import org.tlsuplift.server.http.AdminAccess;
import org.tlsuplift.server.http.AdminFront;
import org.tlsuplift.server.http.AdminSpec;
import org.tlsuplift.server.http.AdminTls;
import org.tlsuplift.server.http.pages.Pages;
import org.tlsuplift.server.mapping.ResolvedConfig;

/** The admin port of a checked configuration. */
final class AdminSetup {
  private AdminSetup() {}

  static AdminSpec spec(Generation generation, Pages pages, AuditJournal journal)
      throws OperatorException {
    AdminConfig config = generation.config().admin();
    OpenIdConnectConfig openId = config.openIdConnect();
    ResolvedConfig resolved = generation.resolved();
    return new AdminSpec(
        resolved.admin(),
        tls(config, resolved, generation.authorities(), generation.identities().admin()),
        access(config),
        new AdminFront(config.browserUrl(), config.trustedProxies()),
        openId == null ? null : OpenIdSource.provider(openId, resolved),
        pages.routes(),
        pages.actions(),
        pages::refused,
        journal);
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
