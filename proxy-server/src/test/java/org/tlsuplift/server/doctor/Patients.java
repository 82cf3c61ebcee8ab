package org.tlsuplift.server.doctor;

import java.util.List;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.signin.limits.MailboxLimits;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.microsoft365.Cloud;

/** Whom the tests examine. */
final class Patients {
  static final String MAILBOX = "scanner@contoso.example";
  static final String APPLICATION = "11111111-2222-3333-4444-555555555555";

  private Patients() {}

  static CheckTarget application(MailProtocol protocol) {
    return of(protocol, SignInConfig.Flow.APPLICATION);
  }

  static CheckTarget user(MailProtocol protocol) {
    return of(protocol, SignInConfig.Flow.DEVICE_CODE);
  }

  private static CheckTarget of(MailProtocol protocol, SignInConfig.Flow flow) {
    return new CheckTarget(
        MAILBOX,
        protocol,
        new SignInConfig(
            "contoso.example",
            APPLICATION,
            flow,
            null,
            null,
            Cloud.WORLDWIDE,
            null,
            List.of(),
            null,
            MailboxLimits.MICROSOFT_365));
  }
}
