package org.tlsuplift.server.metrics;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.MessageRefusal;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.outcome.SignInOutcome;
import org.tlsuplift.proxy.signin.limits.MailboxObserver;

/** Registers meters as a daemon does that has everything configured. */
final class EveryMeter {
  private EveryMeter() {}

  /** What exists wherever a device was served and signed in. */
  static void ofSessions(ServerMetrics metrics, EventLoopGroup loops) {
    ConfigurationMeters configuration = metrics.configuration();
    configuration.observeCertificates(() -> Instant.parse("2036-11-24T00:00:00Z"), () -> 42);
    configuration.observeClientCertificate(
        "contoso-example.mail.protection.outlook.com:25",
        () -> Instant.parse("2027-02-01T00:00:00Z"));
    configuration.observeListenerCertificate("scan", () -> Instant.parse("2027-02-03T00:00:00Z"));
    configuration.observeApplicationSecret("contoso", () -> Instant.parse("2027-03-01T00:00:00Z"));
    configuration.observeAdminCertificate(() -> Instant.parse("2027-02-01T00:00:00Z"));
    configuration.observeAntiqueListener("alarms", () -> Instant.parse("2027-02-01T00:00:00Z"));
    configuration.observeListenerAuthority("alarms", () -> Instant.parse("2027-02-15T00:00:00Z"));
    configuration.observeKeptAuthorities(
        Optional::empty, () -> Optional.of(Instant.parse("2026-11-27T00:00:00Z")));
    configuration.observeEndpointList(() -> 2026081400L, () -> Duration.ofMinutes(31));
    metrics.rsa("boringssl");
    metrics.observeCapacity(() -> 10_000, () -> true);
    metrics.observeConfiguration(
        () -> true, () -> Instant.parse("2026-11-27T09:30:00Z"), () -> 3, () -> 2);
    metrics.expectSignIns("web");
    MailboxObserver mailboxes = metrics.observeMailboxes(() -> 3, () -> 17);
    mailboxes.given(MailboxObserver.Queue.SESSION, Duration.ofSeconds(12));
    mailboxes.refused(MailboxObserver.Queue.MESSAGE, MailboxObserver.Cause.WAIT);
    SignInMeters signIn = configuration.signIn();
    signIn.observeAccounts(() -> 12, () -> false);
    signIn.expectTokens("contoso", List.of("issued", "refused", "unavailable"));
    signIn.tokenAsked("contoso", "issued");
    signIn.observeTokens(
        "contoso", () -> 1, () -> 0, () -> Optional.of(Instant.parse("2026-11-25T12:00:00Z")));
    metrics.observeAllocator(PooledByteBufAllocator.DEFAULT);
    metrics.observeEventLoops(loops);
    ScriptedSession.open(metrics.proxyObserver(), "web")
        .hello(TlsVersion.TLS_1_0)
        .decided(Action.BRIDGE)
        .originAgreed(TlsVersion.TLS_1_3, Duration.ofMillis(40))
        .deviceAgreed(TlsVersion.TLS_1_0, ScriptedSession.ECDHE_CBC, Duration.ofMillis(7))
        .plaintextAccepted(MailProtocol.SMTP)
        .signedIn(SignInOutcome.MAILBOX_BUSY)
        .messageRefused(MessageRefusal.SENDER_NOT_ALLOWED)
        .messageRepaired(1)
        .originReplied(MailProtocol.SMTP, OriginReply.SMTP_AUTH_DISABLED)
        .originReplied(MailProtocol.IMAP, OriginReply.LOGIN_FAILED)
        .relayed(1500, 64_000)
        .closed(CloseReason.DEVICE_CLOSED, Duration.ofSeconds(3));
  }

  /** What exists wherever there are logs and an inventory. */
  static void ofRecords(ServerMetrics metrics) {
    metrics.observeInventory(() -> 0, () -> false);
    metrics.observeInstances(() -> 2, () -> false);
    metrics.observeSilentSenders(() -> 2);
    metrics.observeDevices("too_old", () -> 1);
    metrics.observeBlockedLoops(() -> 0);
    metrics.observeWaitingHandshakes(() -> 0);
    metrics.observeAcceptQueue(() -> 0);
    for (String channel : List.of("smtp", "webhook")) {
      for (String outcome : List.of("sent", "retried", "failed", "dropped")) {
        metrics.observeNotifications(channel, outcome, () -> 0);
      }
    }
    metrics.configuration().observeAccessLog(() -> 0);
    metrics.observeLog(() -> 0, () -> 0);
  }
}
