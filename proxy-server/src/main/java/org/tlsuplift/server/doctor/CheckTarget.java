package org.tlsuplift.server.doctor;

import java.util.List;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.outcome.PlatformRefusal;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;

/**
 * The mailbox to check, and the application that signs in to it.
 *
 * @param protocol the mail protocol that its devices use
 * @param tenant the tenant and the application
 */
public record CheckTarget(String mailbox, MailProtocol protocol, SignInTenant tenant) {
  boolean isApplication() {
    return tenant.flow() == SignInConfig.Flow.APPLICATION;
  }

  boolean isHighVolume() {
    return tenant.service() == SignInTenant.Service.HVE;
  }

  /**
   * The permission that the token needs: in claim {@code roles} for an application, in {@code scp}
   * for a user.
   */
  String right() {
    if (isHighVolume()) {
      // Of Office 365 Exchange Online; Microsoft Graph has another permission of this name.
      return "Mail.Send";
    }
    return switch (protocol) {
      case SMTP -> isApplication() ? "SMTP.SendAsApp" : "SMTP.Send";
      case IMAP -> isApplication() ? "IMAP.AccessAsApp" : "IMAP.AccessAsUser.All";
      case POP3 -> isApplication() ? "POP.AccessAsApp" : "POP.AccessAsUser.All";
    };
  }

  /** The path of a key of the tenant, for remedies. */
  String key(String name) {
    return tenant.isOnly() ? "signIn." + name : name + " of tenant " + tenant.name();
  }

  /** The advice of a {@link PlatformRefusal} for this tenant and mailbox. */
  String filled(String advice) {
    String filled = advice;
    for (String key :
        List.of("clientSecretFile", "certificate", "applicationId", "tenant", "cloud")) {
      filled = filled.replace("{" + key + "}", key(key));
    }
    return filled
        .replace("{=applicationId}", tenant.applicationId())
        .replace("{=tenant}", tenant.tenant())
        .replace("{=cloud}", tenant.cloud().label())
        .replace("{mailbox}", mailbox)
        .replace(
            "{consent}",
            tenant.tenantAuthority() + "adminconsent?client_id=" + tenant.applicationId());
  }
}
