package org.tlsuplift.server.command;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.daemon.TenantCheck;
import org.tlsuplift.server.doctor.ServedAccounts;

/**
 * The mailboxes of a tenant from which devices send by SMTP.
 *
 * @param all with an account that sends by SMTP
 * @param opened those of them that devices can also open, by IMAP or POP3
 */
record SmtpMailboxes(List<String> all, List<String> opened) {
  /**
   * The tenant that a command means, whose application signs in to mailboxes.
   *
   * @param wanted its name, ID or domain; null for the only one
   */
  static SignInTenant tenant(SignInConfig signIn, @Nullable String wanted)
      throws OperatorException {
    SignInTenant tenant = ConfiguredSignIn.tenant(signIn, wanted);
    if (tenant.flow() != SignInConfig.Flow.APPLICATION
        || tenant.service() != SignInTenant.Service.EXCHANGE
        || tenant.isPending()) {
      throw new OperatorException(
          "--least: no application signs in to mailboxes of the tenant " + tenant.name());
    }
    return tenant;
  }

  /** In doubt, a mailbox is one that devices open: a listener without a fixed origin serves all. */
  static SmtpMailboxes of(LoadedConfig loaded, SignInConfig signIn, SignInTenant tenant)
      throws OperatorException {
    Set<String> all = new TreeSet<>();
    Set<String> opened = new TreeSet<>();
    List<ListenerConfig> listeners = loaded.config().listeners();
    for (SignInConfig.Account account : TenantCheck.accounts(signIn)) {
      String mailbox = account.mailbox().toLowerCase(Locale.ROOT);
      for (ListenerConfig listener : listeners) {
        boolean sends = listener.service().protocol() == ListenerConfig.Protocol.SMTP;
        if (listener.signIn()
            && signIn.tenantOf(account).filter(tenant::equals).isPresent()
            && (listener.origin() == null
                || ServedAccounts.serves(listener, account, signIn, listeners))
            && (!sends || account.sendBy() != SignInConfig.SendBy.GRAPH)) {
          (sends ? all : opened).add(mailbox);
        }
      }
    }
    if (all.isEmpty()) {
      throw new OperatorException(
          "--least: no account of tenant %s sends by SMTP; check --config and the accounts"
              .formatted(tenant.name()));
    }
    opened.retainAll(all);
    return new SmtpMailboxes(List.copyOf(all), List.copyOf(opened));
  }
}
