package org.tlsuplift.server.metrics;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.MessageRefusal;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.outcome.SignInOutcome;
import org.tlsuplift.proxy.signin.limits.MailboxObserver;
import org.tlsuplift.server.spool.SpoolMetrics;

/** Registers meters as a daemon does that has everything configured. */
final class EveryMeter {
  private EveryMeter() {}

  /** What exists wherever a device was served and signed in. */
  static void ofSessions(ServerMetrics metrics, EventLoopGroup loops) {
    Meters configuration = metrics.configuration();
    configuration.time(MetricNames.CA_CERTIFICATE_EXPIRY, at("2036-11-24T00:00:00Z"));
    configuration.counter(MetricNames.LEAF_CERTIFICATES_MINTED, () -> 42);
    configuration.time(
        MetricNames.CLIENT_CERTIFICATE_EXPIRY,
        at("2027-02-01T00:00:00Z"),
        "contoso-example.mail.protection.outlook.com:25");
    configuration.time(MetricNames.LISTENER_CERTIFICATE_EXPIRY, at("2027-02-03T00:00:00Z"), "scan");
    configuration.time(
        MetricNames.APPLICATION_SECRET_EXPIRY, at("2027-03-01T00:00:00Z"), "contoso");
    configuration.time(MetricNames.ADMIN_CERTIFICATE_EXPIRY, at("2027-02-01T00:00:00Z"));
    configuration.time(MetricNames.ADMIN_TOKEN_EXPIRY, at("2027-02-01T00:00:00Z"), "prometheus");
    configuration.time(MetricNames.ANTIQUE_LISTENER_EXPIRY, at("2027-02-01T00:00:00Z"), "alarms");
    configuration.time(
        MetricNames.LISTENER_CA_CERTIFICATE_EXPIRY, at("2027-02-15T00:00:00Z"), "alarms");
    configuration.timeOrZero(MetricNames.CA_STAGED, Optional::empty);
    configuration.timeOrZero(
        MetricNames.CA_PREVIOUS_KEY, () -> Optional.of(Instant.parse("2026-11-27T00:00:00Z")));
    configuration.gauge(MetricNames.ENDPOINT_LIST_VERSION, () -> 2026081400L);
    configuration.gauge(MetricNames.ENDPOINT_LIST_AGE, () -> Duration.ofMinutes(31).toSeconds());
    configuration.gauge(MailMetricNames.ACCOUNTS, () -> 12);
    configuration.flag(MailMetricNames.ACCOUNTS_FILE_BAD, () -> false);
    configuration.gauge(MailMetricNames.TOKENS, () -> 1, "contoso", "usable");
    configuration.gauge(MailMetricNames.TOKENS, () -> 0, "contoso", "missing");
    configuration.time(MailMetricNames.TOKEN_EXPIRY, at("2026-11-25T12:00:00Z"), "contoso");
    Meters meters = metrics.meters();
    meters.gauge(MetricNames.RSA_INFO, () -> 1, "boringssl");
    meters.gauge(MetricNames.SESSIONS_LIMIT, () -> 10_000);
    meters.flag(MetricNames.READY, () -> true);
    meters.flag(MetricNames.CONFIG_RELOAD_SUCCESSFUL, () -> true);
    meters.time(MetricNames.CONFIG_RELOAD_TIME, at("2026-11-27T09:30:00Z"));
    meters.gauge(MetricNames.CONFIG_GENERATION, () -> 3);
    meters.gauge(MetricNames.CONFIG_EARLIER_SESSIONS, () -> 2);
    metrics.expectSignIns("web");
    meters.gauge(SpoolMetrics.MESSAGES, () -> 12, "waiting");
    meters.gauge(SpoolMetrics.MESSAGES, () -> 1, "held");
    meters.gauge(SpoolMetrics.BYTES, () -> 12_000_000);
    meters.gauge(SpoolMetrics.LIMIT, () -> 1_000_000_000);
    meters.gauge(SpoolMetrics.OLDEST, () -> 300);
    for (String outcome : List.of("delivered", "deferred", "returned", "lost_claim")) {
      meters.counter(SpoolMetrics.DELIVERIES, () -> 2, outcome);
    }
    meters.gauge(MailMetricNames.MAILBOX_SESSIONS, () -> 3);
    meters.gauge(MailMetricNames.MAILBOX_WAITING, () -> 17);
    MailboxObserver mailboxes = metrics.mailboxObserver();
    mailboxes.given(MailboxObserver.Queue.SESSION, Duration.ofSeconds(12));
    mailboxes.refused(MailboxObserver.Queue.MESSAGE, MailboxObserver.Cause.WAIT);
    metrics.expectTokens("contoso", List.of("issued", "refused", "unavailable"));
    metrics.tokenAsked("contoso", "issued");
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

  /** All other gauges and counters of the tables, each with the names of its labels as values. */
  static void theRest(ServerMetrics metrics, Collection<MeterName> tables) {
    Set<String> registered =
        metrics.meters().registry().getMeters().stream()
            .map(meter -> meter.getId().getName())
            .collect(Collectors.toSet());
    for (MeterName name : tables) {
      if (!registered.contains(name.name())) {
        String[] labels = name.labels().toArray(String[]::new);
        switch (name.kind()) {
          case GAUGE -> metrics.meters().gauge(name, () -> 0, labels);
          case COUNTER -> metrics.meters().counter(name, () -> 0, labels);
          default -> throw new AssertionError("register it in this class: " + name.name());
        }
      }
    }
  }

  private static Supplier<Instant> at(String time) {
    return () -> Instant.parse(time);
  }
}
