package org.tlsuplift.proxy.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.outcome.OriginReply;

/** Microsoft 365's refusals in their published texts, and lines that only look like one. */
class OriginRepliesTest {
  private static final Set<String> LABELS =
      Arrays.stream(OriginReply.values()).map(OriginReply::label).collect(Collectors.toSet());

  /** What Exchange Online appends to its refusals: a host, a time and an id. */
  private static final String WHERE =
      " [CH0PR13CA0024.namprd13.prod.outlook.com 2024-11-15T12:41:27.364Z 08DD04C0A0AF2A23]";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          421 4.7.66 TLS 1.0 and 1.1 are not supported. Please upgrade/update your client to support TLS 1.2. Visit https://aka.ms/smtp_auth_tls. | TLS_TOO_OLD
          421 4.7.66 Access denied, the sender is blocked.                                     | CONNECTION_BLOCKED
          421 5.7.67 TLS 1.0 and 1.1 are not supported by your organization.                   | LEGACY_TLS_NOT_ALLOWED
          550 5.7.67 TLS 1.0 and 1.1 are not supported by your organization.                   | LEGACY_TLS_NOT_ALLOWED
          535 5.7.139 Authentication unsuccessful, the user credentials were incorrect.        | CREDENTIALS_INCORRECT
          535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information. | SMTP_AUTH_DISABLED
          535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. Visit https://aka.ms/smtp_auth_disabled for more information. | SMTP_AUTH_DISABLED
          535 5.7.139 Authentication unsuccessful, basic authentication is disabled.           | BASIC_AUTH_DISABLED
          535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated successfully. Contact your administrator. | CONDITIONAL_ACCESS
          535 5.7.139 Authentication unsuccessful, user is locked by your organization's security defaults policy. Contact your administrator. | SECURITY_DEFAULTS
          535 5.7.139 Authentication unsuccessful, the organization configuration does not allow this authentication type. | AUTH_TYPE_NOT_ALLOWED
          535 5.7.139 Authentication unsuccessful                                              | SMTP_AUTH_DISABLED
          535 5.7.3 Authentication unsuccessful                                                | BAD_CREDENTIALS
          530 5.7.57 Client not authenticated to send mail.                                    | NOT_AUTHENTICATED
          530 5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM | NOT_AUTHENTICATED
          530 5.7.57 Client not authenticated to send mail. Error: 535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information. | SMTP_AUTH_DISABLED
          530 5.7.57 Client not authenticated to send mail. Error: 535 5.7.139 Authentication unsuccessful, the user credentials were incorrect. | CREDENTIALS_INCORRECT
          530 5.7.57 Client not authenticated to send mail. Error: 535 5.7.3 Authentication unsuccessful | BAD_CREDENTIALS
          530 5.7.57 Client not authenticated to send mail. Error: 599 5.9.9 something new     | NOT_AUTHENTICATED
          550 5.7.30 Basic authentication is not supported for Client Submission.              | BASIC_AUTH_RETIRED
          430 4.2.0 STOREDRV; mailbox logon failure                                            | MAILBOX_LOGON_FAILURE
          501 5.5.121 Invalid XOAUTH2 argument                                                 | HVE_INVALID_XOAUTH2
          501 5.5.124 Invalid XOAUTH2 argument                                                 | INVALID_XOAUTH2
          501 5.5.126 Invalid XOAUTH2 argument                                                 | HVE_INVALID_XOAUTH2
          501 5.5.127 The token expires soon                                                   | HVE_INVALID_XOAUTH2
          535 5.7.142 The token expires soon                                                   | HVE_TOKEN_EXPIRES_SOON
          535 5.7.143 The token has expired                                                    | HVE_TOKEN_EXPIRED
          535 5.7.144 The token has the wrong permission                                       | HVE_WRONG_PERMISSION
          550 5.7.240 The application is not allowed for use with this High Volume Email account | HVE_APPLICATION_NOT_ALLOWED
          550 5.7.62 the sender is another one than the account                                | HVE_SENDER_NOT_ACCOUNT
          550 5.6.241 the field From is another one than the account                           | HVE_FROM_NOT_ACCOUNT
          554 5.6.241 the field From is another one than the account                           | HVE_FROM_NOT_ACCOUNT
          550 5.2.240 the mailbox is no High Volume Email account                              | HVE_NOT_HVE_ACCOUNT
          550 5.7.60 SMTP; Client does not have permissions to send as this sender             | SEND_AS_DENIED
          554 5.2.252 SendAsDenied; scanner@contoso.com not allowed to send as boss@contoso.com; STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied | STORE_SEND_AS_DENIED
          554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied; Failed to process message due to a permanent exception | OLD_SEND_AS_DENIED
          554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException             | QUOTA_EXCEEDED
          550 5.1.8 Access denied, bad outbound sender AS(42004)                               | SENDER_BLOCKED
          550 5.4.1 Recipient address rejected: Access denied. AS(201806281)                   | RECIPIENT_UNKNOWN
          550 5.4.1 [nobody@contoso.com]: Recipient address rejected: Access denied            | RECIPIENT_UNKNOWN
          550 5.7.703 Your message can't be delivered because messages to a@b.c are blocked by your organization using Tenant Allow Block List. | RECIPIENT_BLOCKED
          550 5.7.64 TenantAttribution; Relay Access Denied                                    | TENANT_ATTRIBUTION
          550-5.7.68 TenantInboundAttribution; Direct Send not allowed for this organization from unauthorized sources | DIRECT_SEND_REFUSED
          550 5.7.711 Access denied, bad inbound connector. AS(2204)                           | CONNECTOR_BLOCKED
          550 5.7.750 Client blocked from sending from unregistered domain                     | UNREGISTERED_DOMAIN
          451 4.4.62 Mail sent to the wrong Office 365 region. ATTR35.                         | WRONG_REGION
          432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending for more information. [Hostname=P212321.PROD.OUTLOOK.COM] | TOO_MANY_CONNECTIONS
          550 5.7.233 - Your message can't be sent because your tenant has exceeded its daily limit for sending email to external recipients (tenant external recipient rate limit). | TENANT_QUOTA_EXCEEDED
          550 5.7.232 - Your message can't be sent because your trial tenant has exceeded its daily limit for sending email to external recipients | TRIAL_QUOTA_EXCEEDED
          451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (S77714)           | SERVER_BUSY
          421 4.7.500 Server busy. Please try again later.                                     | SERVER_BUSY
          550 5.7.606 Access denied, banned sending IP [192.0.2.1]. To request removal from this list please visit https://sender.office.com/ | ADDRESS_BANNED
          550 5.7.649 Access denied, banned sending IP [192.0.2.1].                            | ADDRESS_BANNED
          550 5.7.511 Access denied, banned sender [192.0.2.1].                                | SENDER_BANNED
          550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP.   | ADDRESS_NOT_ACCEPTED
          550 5.7.705 Access denied, tenant has exceeded threshold                             | TENANT_BLOCKED
          """)
  void recognisesTheRefusalsOfSubmission(String line, OriginReply reply) {
    assertThat(OriginReplies.recognise(MailProtocol.SMTP, line)).contains(reply);
    assertThat(OriginReplies.recognise(MailProtocol.SMTP, line + WHERE)).contains(reply);
    assertThat(OriginReplies.recognise(MailProtocol.SMTP, line + "\u0085\u00e9")).contains(reply);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          535 5.7.1399 no such code
          535 5.7.13 no such code
          535 5.7.139.1 no such code
          250 2.0.0 OK 535 5.7.139
          5355.7.139 not a reply
          535 5.7.8 Error: authentication failed
          550 5.7.605 no such code
          550 5.7.650 no such code
          550 4.7.606 no such code
          550 5.7.62.1 no such code
          550 5.6.24 no such code
          250 5.7.62 not a refusal
          501 5.5.120 no such code
          501 5.5.128 no such code
          450 4.7.500 no such code
          550 5.1.8 <a@nowhere.example>: Sender address rejected: Domain not found
          550 5.4.1 No answer from host
          """)
  void recognisesNoOtherReplies(String line) {
    assertThat(OriginReplies.recognise(MailProtocol.SMTP, line)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          IMAP | A1 NO LOGIN failed.                                                          | LOGIN_FAILED
          IMAP | 0001 NO AUTHENTICATE failed.                                                 | LOGIN_FAILED
          IMAP | a NO [AUTHENTICATIONFAILED] Authentication failed.                           | LOGIN_FAILED
          IMAP | a2 NO Basic authentication is disabled.                                      | MAILBOX_BASIC_AUTH_DISABLED
          IMAP | a3 NO User is authenticated but not connected.                               | MAILBOX_NOT_CONNECTED
          IMAP | * BYE TLS 1.0 and 1.1 are not supported. Please upgrade/update your client to support TLS 1.2. Visit https://aka.ms/popimap_tls. | MAILBOX_TLS_TOO_OLD
          POP3 | -ERR Logon failure: unknown user name or bad password.                       | LOGIN_FAILED
          POP3 | -ERR Authentication failure: unknown user name or bad password.              | LOGIN_FAILED
          POP3 | -ERR Basic authentication is disabled.                                       | MAILBOX_BASIC_AUTH_DISABLED
          POP3 | -ERR [AUTH] Authentication failed.                                           | LOGIN_FAILED
          POP3 | -ERR TLS 1.0 and 1.1 are not supported, see https://aka.ms/popimap_tls       | MAILBOX_TLS_TOO_OLD
          """)
  void recognisesTheRefusalsOfMailboxes(MailProtocol protocol, String line, OriginReply reply) {
    assertThat(OriginReplies.recognise(protocol, line)).contains(reply);
    assertThat(reply.isOfMailbox()).isTrue();
  }

  @Test
  void recognisesNoRefusalInAMessage() {
    assertThat(OriginReplies.recognise(MailProtocol.POP3, "Subject: Logon failure")).isEmpty();
    assertThat(OriginReplies.recognise(MailProtocol.IMAP, "* 1 FETCH (BODY[] {20}")).isEmpty();
    assertThat(OriginReplies.recognise(MailProtocol.IMAP, "LOGIN failed")).isEmpty();
  }

  /** Lines of any text, and lines that begin as a refusal does. */
  @Provide
  Arbitrary<String> lines() {
    Arbitrary<String> any = Arbitraries.strings().ofMaxLength(300);
    Arbitrary<String> begins =
        Arbitraries.oneOf(
            Arbitraries.of(LABELS),
            Arbitraries.of("* BYE ", "a NO ", "-ERR ", "530 5.7.57 Error: ", "535 5.7.139 "),
            Combinators.combine(
                    Arbitraries.integers().between(400, 599),
                    Arbitraries.of(" ", "-", ""),
                    Arbitraries.integers().between(4, 5),
                    Arbitraries.integers().between(0, 1000))
                .as((code, mark, kind, detail) -> code + mark + kind + ".7." + detail));
    return Arbitraries.oneOf(
        any, Combinators.combine(begins, any).as(String::concat), begins.map(each -> each + each));
  }

  @Property
  void everyLineIsHarmlessAndItsLabelIsOneOfAFixedList(
      @ForAll MailProtocol protocol, @ForAll("lines") String line) {
    Optional<OriginReply> known = OriginReplies.recognise(protocol, line);
    known.ifPresent(reply -> assertThat(LABELS).contains(reply.label()));
    OriginReplies.refusedSignIn(protocol, line)
        .ifPresent(
            code ->
                assertThat(List.of("530", "534", "535", "538", "454", "login failed"))
                    .contains(code));
  }

  @ParameterizedTest
  @EnumSource(OriginReply.class)
  void eachReplyHasAUniqueLabelAndAOneLineRemedy(OriginReply reply) {
    assertThat(Arrays.stream(OriginReply.values()).map(OriginReply::label)).doesNotHaveDuplicates();
    assertThat(reply.remedy()).isNotBlank().doesNotContain("\n");
    assertThat(reply.signInRemedy()).isNotBlank().doesNotContain("\n");
    assertThat(reply.label()).isEqualTo(reply.label().toLowerCase(Locale.ROOT));
  }
}
