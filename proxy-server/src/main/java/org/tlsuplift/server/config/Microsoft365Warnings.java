package org.tlsuplift.server.config;

import org.tlsuplift.server.config.binding.Problems;
import org.tlsuplift.server.microsoft365.Cloud;
import org.tlsuplift.server.microsoft365.ListName;

/** Warns about lists that do not fit the cloud. */
final class Microsoft365Warnings {
  private Microsoft365Warnings() {}

  static void check(ServerConfig config, Problems problems) {
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
}
