package org.tlsuplift.proxy.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.OriginReply;

/** Microsoft 365's refusals, and lines that only look like one. */
class OriginRepliesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          421 4.7.66 TLS 1.0 and 1.1 are not supported. Please upgrade/update your client      | TLS_TOO_OLD
          535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled        | SMTP_AUTH_DISABLED
          535 5.7.3 Authentication unsuccessful [AM0PR10CA0001.EURPRD10.PROD.OUTLOOK.COM]      | BAD_CREDENTIALS
          530 5.7.57 Client not authenticated to send mail. [XX0PR01CA0001]                    | NOT_AUTHENTICATED
          550 5.7.30 Basic authentication is not supported for Client Submission.              | BASIC_AUTH_RETIRED
          550 5.7.60 SMTP; Client does not have permissions to send as this sender             | SEND_AS_DENIED
          550 5.7.64 TenantAttribution; Relay Access Denied                                    | TENANT_ATTRIBUTION
          550-5.7.68 TenantInboundAttribution; Direct Send not allowed                         | DIRECT_SEND_REFUSED
          432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent     | TOO_MANY_CONNECTIONS
          430 4.2.0 STOREDRV; mailbox logon failure                                            | MAILBOX_LOGON_FAILURE
          554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException             | QUOTA_EXCEEDED
          501 5.5.124 Invalid XOAUTH2 argument                                                 | INVALID_XOAUTH2
          550 5.1.8 Access denied, bad outbound sender AS(42004)                               | SENDER_BLOCKED
          """)
  void knowsTheRefusalsOfSubmission(String line, OriginReply reply) {
    assertThat(OriginReplies.recognise(MailProtocol.SMTP, line)).contains(reply);
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
          """)
  void leavesTheRestAlone(String line) {
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
          IMAP | * BYE TLS 1.0 and 1.1 are not supported. Please visit https://aka.ms/popimap_tls | MAILBOX_TLS_TOO_OLD
          POP3 | -ERR Logon failure: unknown user name or bad password.                       | LOGIN_FAILED
          POP3 | -ERR [AUTH] Authentication failed.                                           | LOGIN_FAILED
          POP3 | -ERR TLS 1.0 and 1.1 are not supported, see https://aka.ms/popimap_tls       | MAILBOX_TLS_TOO_OLD
          """)
  void knowsTheRefusalsOfMailboxes(MailProtocol protocol, String line, OriginReply reply) {
    assertThat(OriginReplies.recognise(protocol, line)).contains(reply);
  }

  @Test
  void takesALetterForNoRefusal() {
    assertThat(OriginReplies.recognise(MailProtocol.POP3, "Subject: Logon failure")).isEmpty();
    assertThat(OriginReplies.recognise(MailProtocol.IMAP, "* 1 FETCH (BODY[] {20}")).isEmpty();
    assertThat(OriginReplies.recognise(MailProtocol.IMAP, "LOGIN failed")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(OriginReply.class)
  void givesEachALabelOfItsOwnAndARemedyOfOneLine(OriginReply reply) {
    assertThat(Arrays.stream(OriginReply.values()).map(OriginReply::label)).doesNotHaveDuplicates();
    assertThat(reply.remedy()).isNotBlank().doesNotContain("\n");
    assertThat(reply.label()).isEqualTo(reply.label().toLowerCase(Locale.ROOT));
  }
}
