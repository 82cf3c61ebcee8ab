package org.tlsuplift.server.config;

import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import javax.security.auth.x500.X500Principal;
import org.tlsuplift.proxy.route.EndpointList;
import org.tlsuplift.server.config.binding.Problems;
import org.tlsuplift.server.microsoft365.Cloud;
import org.tlsuplift.server.microsoft365.ListName;
import org.tlsuplift.server.microsoft365.PublishedList;

/** Warns about lists that do not fit the cloud, and about roots that Microsoft no longer uses. */
final class Microsoft365Warnings {
  /**
   * SMTP clients of Exchange Online must trust it since 2026-03-22
   * (techcommunity.microsoft.com/blog/exchange/.../4488311, changed 2026-03-16, read 2026-12-02).
   */
  private static final X500Principal ROOT =
      new X500Principal("CN=DigiCert Global Root G2, OU=www.digicert.com, O=DigiCert Inc, C=US");

  private Microsoft365Warnings() {}

  static void check(ServerConfig config, PublishedList list, Problems problems) {
    root(config, list, problems);
    Cloud cloud = config.microsoft365().cloud();
    SignInConfig signIn = config.signIn();
    if (signIn != null
        && !signIn.tenants().isEmpty()
        && signIn.tenants().stream().noneMatch(tenant -> tenant.cloud() == cloud)
        && ConfiguredRoutes.usesPublishedList(config.routes())) {
      SignInTenant first = signIn.tenants().get(0);
      String key = signIn.path(first) + ".cloud";
      problems.warning(
          key,
          "'%s' is another cloud than microsoft365.cloud, whose hosts the routes allow"
              .formatted(first.cloud().label()),
          "write 'microsoft365: {cloud: %s}', and remove %s".formatted(first.cloud().label(), key));
    }
    for (int i = 0; i < config.routes().size(); i++) {
      int hve = config.routes().get(i).to().indexOf(ListName.HVE.label());
      if (hve >= 0 && cloud == Cloud.CHINA) {
        problems.warning(
            "routes[" + i + "].to[" + hve + "]",
            "High Volume Email does not exist in the cloud 'china'",
            "remove '" + ListName.HVE.label() + "'");
      }
    }
  }

  private static void root(ServerConfig config, PublishedList list, Problems problems) {
    Path file = config.upstream().trust();
    if (file == null || contains(file, ROOT)) {
      return;
    }
    List<EndpointList> microsoft365 =
        Arrays.stream(ListName.values())
            .filter(ListName::isMicrosoft365)
            .map(name -> name.select(list))
            .toList();
    if (config.listeners().stream()
        .map(ListenerConfig::origin)
        .filter(Objects::nonNull)
        .anyMatch(origin -> microsoft365.stream().anyMatch(hosts -> hosts.contains(origin)))) {
      problems.warning(
          "upstream.trust",
          "'%s' lacks the root 'DigiCert Global Root G2', which Microsoft 365 uses for SMTP since 2026-03-22"
              .formatted(file),
          "add it to the file, unless a firewall on the way decrypts these connections");
    }
  }

  /** Also true if the file has become unreadable. */
  private static boolean contains(Path file, X500Principal root) {
    try {
      return FileChecks.certificates(file).stream()
          .anyMatch(each -> each.getSubjectX500Principal().equals(root));
    } catch (IOException | CertificateException changed) {
      return true;
    }
  }
}
