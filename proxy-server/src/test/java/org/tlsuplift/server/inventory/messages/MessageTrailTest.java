package org.tlsuplift.server.inventory.messages;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.model.DeviceHandshake;
import org.tlsuplift.proxy.model.DeviceSignIn;
import org.tlsuplift.proxy.model.MailMessage;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.model.RevocationCheck;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.model.SessionObserver;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.outcome.MessageRefusal;
import org.tlsuplift.proxy.outcome.SignInOutcome;

/** One record for each message, with what the setting allows. */
class MessageTrailTest {
  private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");

  private final List<MessageRecord> made = new ArrayList<>();

  private SessionObserver session(StoredRecipients stored) {
    return new MessageTrail(stored, Clock.fixed(NOW, ZoneOffset.UTC), List.of(made::add))
        .sessionOpened(new SessionId(42), "submission", new InetSocketAddress("192.0.2.77", 50123));
  }

  private static MailMessage message(MessageOutcome outcome, String reply, String... recipients) {
    return new MailMessage(
        "scanner@contoso.com",
        List.of(recipients),
        recipients.length,
        1,
        52_311,
        Duration.ofMillis(850),
        outcome,
        outcome == MessageOutcome.REFUSED ? MessageRefusal.TOO_LARGE : null,
        reply,
        0);
  }

  private MessageRecord only() {
    assertThat(made).hasSize(1);
    return made.get(0);
  }

  @Test
  void aRecordHasSessionDeviceAccountOutcomeReplyAndTlsOfBothSides() {
    SessionObserver session = session(StoredRecipients.FULL);
    session.originHandshake(
        new OriginHandshake(
            null,
            new TlsParameters(TlsVersion.TLS_1_3, "TLS_AES_128_GCM_SHA256", null),
            Duration.ZERO,
            RevocationCheck.NOT_CHECKED));
    session.deviceHandshake(
        new DeviceHandshake(
            HandshakeOutcome.COMPLETED,
            new TlsParameters(TlsVersion.TLS_1_0, "TLS_RSA_WITH_AES_128_CBC_SHA", null),
            Duration.ZERO,
            ""));
    session.signedIn(signIn(SignInOutcome.SIGNED_IN, "scans@contoso.com"));
    session.messageEnded(
        message(MessageOutcome.ACCEPTED, "250 2.0.0 Ok: queued as 4X", "a@fabrikam.com"));

    MessageRecord record = only();
    assertThat(record.id()).startsWith("01a21ce06e00-");
    assertThat(record)
        .usingRecursiveComparison()
        .ignoringFields("id")
        .isEqualTo(
            new MessageRecord(
                "",
                NOW,
                "0000002a",
                "submission",
                new InetSocketAddress("192.0.2.77", 1).getAddress(),
                "scans@contoso.com",
                "scanner@contoso.com",
                List.of("a@fabrikam.com"),
                1,
                1,
                52_311,
                Duration.ofMillis(850),
                MessageOutcome.ACCEPTED,
                "",
                "250 2.0.0 Ok: queued as 4X",
                "TLSv1",
                "TLSv1.3"));
  }

  private static DeviceSignIn signIn(SignInOutcome outcome, String mailbox) {
    return new DeviceSignIn(MailProtocol.SMTP, outcome, mailbox, false, "");
  }

  @Test
  void aDeviceWithoutTlsAndWithoutAccountIsRecordedAsSuch() {
    SessionObserver session = session(StoredRecipients.FULL);
    session.signedIn(signIn(SignInOutcome.BAD_CREDENTIALS, "scans@contoso.com"));
    session.messageEnded(message(MessageOutcome.REFUSED, "552 5.3.4 too large"));
    assertThat(only().deviceTls()).isEqualTo("none");
    assertThat(only().originTls()).isEmpty();
    assertThat(only().account()).isEmpty();
    assertThat(only().refusal()).isEqualTo("too_large");
  }

  @Test
  void idsAreUniqueAndSortByTime() {
    SessionObserver session = session(StoredRecipients.NONE);
    for (int i = 0; i < 100; i++) {
      session.messageEnded(message(MessageOutcome.ABANDONED, ""));
    }
    List<String> ids = made.stream().map(MessageRecord::id).toList();
    assertThat(ids).doesNotHaveDuplicates().isSorted();
    assertThat(ids.get(0)).startsWith(MessageRecord.idBegin(NOW));
    assertThat(MessageRecord.idBegin(NOW)).isLessThan(MessageRecord.idBegin(NOW.plusMillis(1)));
    assertThat(MessageRecord.idBegin(Instant.MIN.plusSeconds(1_000_000_000_000L * 31_000)))
        .isLessThan("1");
  }

  @Test
  void byDomainRecipientsAreStoredAsTheirDomainsEachOnce() {
    session(StoredRecipients.DOMAIN)
        .messageEnded(
            message(MessageOutcome.ACCEPTED, "", "a@Fabrikam.com", "b@fabrikam.com", "root"));
    assertThat(only().recipients()).containsExactly("@fabrikam.com");
    assertThat(only().recipientCount()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "FULL | REJECTED | 550 5.1.1 <bob@fabrikam.com>: unknown | 550 5.1.1 <bob@fabrikam.com>: unknown",
        "DOMAIN | REJECTED | 550 5.1.1 <Bob@fabrikam.com>: unknown | 550 5.1.1 <...@fabrikam.com>: unknown",
        "NONE | REJECTED | 550 5.1.1 <bob@fabrikam.com>: unknown | 550 5.1.1 <...>: unknown",
        "DOMAIN | REJECTED | 550 for=ann@fabrikam.com no | 550 for=...@fabrikam.com no",
        "DOMAIN | REJECTED | 554 5.2.252 scanner@contoso.com may not | 554 5.2.252 scanner@contoso.com may not",
        "DOMAIN | ACCEPTED | 250 2.6.0 <af3c@DB7.prod.outlook.com> [Hostname=DB7] | 250 2.6.0 <af3c@DB7.prod.outlook.com> [Hostname=DB7]",
        "NONE | ACCEPTED | 250 sent to BOB@fabrikam.com | 250 sent to ..."
      })
  void masksRecipientsInRepliesAsConfigured(
      StoredRecipients stored, MessageOutcome outcome, String reply, String shown) {
    session(stored).messageEnded(message(outcome, reply, "bob@fabrikam.com"));
    assertThat(only().reply()).isEqualTo(shown);
  }

  @Test
  void recipientsAreBounded() {
    String longest = "x".repeat(300) + "@fabrikam.com";
    session(StoredRecipients.FULL)
        .messageEnded(
            message(
                MessageOutcome.ACCEPTED,
                "",
                Collections.nCopies(50, longest).toArray(String[]::new)));
    assertThat(String.join("\n", only().recipients()))
        .hasSizeLessThanOrEqualTo(MessageRecord.MAX_RECIPIENTS);
    assertThat(only().recipientCount()).isEqualTo(50);
  }
}
