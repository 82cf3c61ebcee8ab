package org.tlsuplift.server.doctor;

import java.util.List;
import java.util.stream.Stream;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.outcome.PlatformRefusal;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.feature.Diagnosis;
import org.tlsuplift.server.feature.FailureKind;

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
      // This permission belongs to Office 365 Exchange Online; Microsoft Graph has one of the same
      // name.
      return "Mail.Send";
    }
    return tenant.flow().permission(protocol);
  }

  /** The path of a key of the tenant, for remedies. */
  String key(String name) {
    return tenant.isOnly() ? "signIn." + name : name + " of tenant " + tenant.name();
  }

  /** A failure and its remedy, of which each line is {@link #filled}. */
  Diagnosis diagnosis(FailureKind failureKind, String... remedy) {
    return new Diagnosis(failureKind, Stream.of(remedy).map(this::filled).toList());
  }

  /**
   * Fills in the placeholders of {@link PlatformRefusal#advice}. Others are {@code {right}} and
   * {@code {authority}}.
   */
  String filled(String advice) {
    String filled = advice;
    for (String key :
        List.of("clientSecretFile", "certificate", "applicationId", "tenant", "cloud", "service")) {
      filled = filled.replace("{" + key + "}", key(key));
    }
    String authority = tenant.tenantAuthority().toString();
    return filled
        .replace("{=applicationId}", tenant.applicationId())
        .replace("{=tenant}", tenant.tenant())
        .replace("{=cloud}", tenant.cloud().label())
        .replace("{mailbox}", ShortText.argument(mailbox, "MAILBOX"))
        .replace("{right}", right())
        .replace("{authority}", authority)
        .replace("{consent}", authority + "adminconsent?client_id=" + tenant.applicationId());
  }
}
