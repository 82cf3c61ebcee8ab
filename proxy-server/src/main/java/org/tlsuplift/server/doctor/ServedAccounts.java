package org.tlsuplift.server.doctor;

import java.util.List;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.config.TokenHosts;

/**
 * Whether a listener is for an account, so that the doctor tests no path that no device takes.
 *
 * <p>A password is for one origin. A token is for the hosts of its tenant.
 */
public final class ServedAccounts {
  private ServedAccounts() {}

  /**
   * Whether the account can sign in at the listener's origin.
   *
   * @param listener with a fixed origin and {@code signIn}
   * @param all the listeners of the configuration
   */
  public static boolean serves(
      ListenerConfig listener,
      SignInConfig.Account account,
      SignInConfig signIn,
      List<ListenerConfig> all) {
    HostPort origin = listener.origin();
    if (origin == null) {
      return false;
    }
    SignInConfig.Upstream upstream = account.upstream();
    if (upstream != null) {
      return upstream.origin().equals(origin);
    }
    return signIn
        .tenantOf(account)
        .filter(
            tenant ->
                tenant.service() == SignInTenant.Service.EXCHANGE
                    || listener.service().protocol() == ListenerConfig.Protocol.SMTP)
        .filter(tenant -> TokenHosts.of(signIn, tenant, all).allow(origin))
        .isPresent();
  }
}
