package org.tlsuplift.server.doctor;

import java.util.List;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.config.SignInTenant;
import org.tlsuplift.server.microsoft365.Cloud;

/** Whom the tests examine. */
final class Patients {
  static final String MAILBOX = "scanner@contoso.example";
  static final String APPLICATION = "11111111-2222-3333-4444-555555555555";

  private Patients() {}

  static CheckTarget application(MailProtocol protocol) {
    return of(protocol, SignInConfig.Flow.APPLICATION, SignInTenant.Service.EXCHANGE);
  }

  static CheckTarget user(MailProtocol protocol) {
    return of(protocol, SignInConfig.Flow.DEVICE_CODE, SignInTenant.Service.EXCHANGE);
  }

  static CheckTarget highVolume(SignInConfig.Flow flow) {
    return of(MailProtocol.SMTP, flow, SignInTenant.Service.HVE);
  }

  private static CheckTarget of(
      MailProtocol protocol, SignInConfig.Flow flow, SignInTenant.Service service) {
    return new CheckTarget(
        MAILBOX,
        protocol,
        new SignInTenant(
            "contoso.example",
            "contoso.example",
            APPLICATION,
            null,
            flow,
            service,
            null,
            null,
            null,
            Cloud.WORLDWIDE,
            null,
            List.of(),
            null,
            false));
  }
}
