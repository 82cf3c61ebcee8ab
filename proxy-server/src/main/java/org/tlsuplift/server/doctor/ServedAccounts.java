package org.tlsuplift.server.doctor;

import java.util.Set;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;

/**
 * Whether a listener is for an account, so that the doctor tests no path that no device takes.
 *
 * <p>A password is for one origin. A token is for one service, and the names of Microsoft's servers
 * tell the services apart; behind another name there may be either.
 */
public final class ServedAccounts {
  /** Of High Volume Email, now and before. */
  private static final Set<String> HIGH_VOLUME =
      Set.of("smtp.hve.mx.microsoft", "smtp-hve.office365.com");

  /** The submission servers of Exchange Online in each cloud. */
  private static final Set<String> EXCHANGE =
      Set.of(
          "smtp.office365.com",
          "smtp-legacy.office365.com",
          "outlook.office365.com",
          "smtp.office365.us",
          "outlook-dod.office365.us",
          "smtp.partner.outlook.cn");

  private ServedAccounts() {}

  /**
   * Whether the account can sign in at the listener's origin.
   *
   * @param listener with a fixed origin and {@code signIn}
   */
  public static boolean serves(
      ListenerConfig listener, SignInConfig.Account account, SignInConfig signIn) {
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
        .map(SignInTenant::service)
        .filter(
            service ->
                switch (service) {
                  case EXCHANGE -> !HIGH_VOLUME.contains(origin.host());
                  case HVE ->
                      listener.protocol() == ListenerConfig.Protocol.SMTP
                          && !EXCHANGE.contains(origin.host());
                })
        .isPresent();
  }
}
