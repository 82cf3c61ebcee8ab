package org.tlsuplift.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.server.metrics.ScriptedSession.ECDHE_CBC;
import static org.tlsuplift.server.metrics.ScriptedSession.ECDHE_GCM;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.outcome.OriginReply;

class MicrometerProxyObserverTest {
  private final ServerMetrics metrics =
      new ServerMetrics("1.2.3", List.of("web", "submission"), null);

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void countsABridgedLegacySessionInEveryMeter() {
    ScriptedSession session =
        open("web")
            .hello(TlsVersion.TLS_1_0)
            .decided(Action.BRIDGE)
            .originAgreed(TlsVersion.TLS_1_3, Duration.ofMillis(40))
            .deviceAgreed(TlsVersion.TLS_1_0, ECDHE_CBC, Duration.ofMillis(7))
            .relayed(1500, 64_000)
            .relayed(500, 1_000_000);
    assertThat(samples()).contains("tlsuplift_sessions_active{listener=\"web\"} 1.0");

    session.closed(CloseReason.DEVICE_CLOSED, Duration.ofSeconds(3));

    assertThat(samples())
        .contains(
            "tlsuplift_legacy_handshakes_total{cipher=\"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA\",listener=\"web\",protocol=\"TLSv1\"} 1.0",
            "tlsuplift_downstream_handshakes_total{listener=\"web\",outcome=\"completed\",protocol=\"TLSv1\"} 1.0",
            "tlsuplift_downstream_handshakes_seconds_count{listener=\"web\",outcome=\"completed\",protocol=\"TLSv1\"} 1",
            "tlsuplift_downstream_handshakes_seconds_sum{listener=\"web\",outcome=\"completed\",protocol=\"TLSv1\"} 0.007",
            "tlsuplift_downstream_handshakes_seconds_bucket{listener=\"web\",outcome=\"completed\",protocol=\"TLSv1\",le=\"0.005\"} 0",
            "tlsuplift_downstream_handshakes_seconds_bucket{listener=\"web\",outcome=\"completed\",protocol=\"TLSv1\",le=\"0.01\"} 1",
            "tlsuplift_upstream_handshakes_total{outcome=\"completed\",protocol=\"TLSv1.3\"} 1.0",
            "tlsuplift_upstream_key_exchanges_total{group=\"X25519MLKEM768\"} 1.0",
            "tlsuplift_upstream_revocation_checks_total{result=\"stapled\"} 1.0",
            "tlsuplift_upstream_revocation_checks_total{result=\"not_checked\"} 0.0",
            "tlsuplift_upstream_handshakes_seconds_bucket{outcome=\"completed\",protocol=\"TLSv1.3\",le=\"0.05\"} 1",
            "tlsuplift_sessions_total{action=\"bridge\",listener=\"web\",reason=\"device_closed\"} 1.0",
            "tlsuplift_sessions_seconds_bucket{action=\"bridge\",listener=\"web\",reason=\"device_closed\",le=\"1.0\"} 0",
            "tlsuplift_sessions_seconds_bucket{action=\"bridge\",listener=\"web\",reason=\"device_closed\",le=\"5.0\"} 1",
            "tlsuplift_sessions_active{listener=\"web\"} 0.0",
            "tlsuplift_bytes_total{direction=\"up\",listener=\"web\"} 2000.0",
            "tlsuplift_bytes_total{direction=\"down\",listener=\"web\"} 1064000.0",
            "tlsuplift_bytes_total{direction=\"up\",listener=\"submission\"} 0.0");
  }

  @Test
  void countsOnlyCompletedHandshakesBelowTls12AsLegacy() {
    for (TlsVersion version : List.of(TlsVersion.SSL_3, TlsVersion.TLS_1_0, TlsVersion.TLS_1_1)) {
      open("web").hello(version).deviceAgreed(version, ECDHE_CBC, Duration.ofMillis(5));
      open("web")
          .hello(version)
          .deviceFailed(HandshakeOutcome.CERTIFICATE_REJECTED, Duration.ofMillis(5));
    }
    for (TlsVersion version : List.of(TlsVersion.TLS_1_2, TlsVersion.TLS_1_3)) {
      open("web").hello(version).deviceAgreed(version, ECDHE_GCM, Duration.ofMillis(5));
    }

    assertThat(samples().stream().filter(line -> line.startsWith("tlsuplift_legacy")))
        .filteredOn(line -> !line.endsWith(" 0.0"))
        .containsExactlyInAnyOrder(
            legacy("web", "SSLv3", ECDHE_CBC, 1),
            legacy("web", "TLSv1", ECDHE_CBC, 1),
            legacy("web", "TLSv1.1", ECDHE_CBC, 1));
  }

  @Test
  void namesAFailedHandshakeByTheNewestVersionOffered() {
    open("web")
        .hello(TlsVersion.TLS_1_1, TlsVersion.TLS_1_0)
        .decided(Action.BRIDGE)
        .deviceFailed(HandshakeOutcome.CERTIFICATE_REJECTED, Duration.ofMillis(9))
        .closed(CloseReason.DEVICE_HANDSHAKE_FAILED, Duration.ofMillis(20));
    open("web")
        .hello()
        .decided(Action.BRIDGE)
        .deviceFailed(HandshakeOutcome.NO_SHARED_VERSION, Duration.ofMillis(1))
        .closed(CloseReason.DEVICE_HANDSHAKE_FAILED, Duration.ofMillis(2));
    open("web").deviceFailed(HandshakeOutcome.NOT_TLS, Duration.ofMillis(1));

    assertThat(samples())
        .contains(
            "tlsuplift_downstream_handshakes_total{listener=\"web\",outcome=\"certificate_rejected\",protocol=\"TLSv1.1\"} 1.0",
            "tlsuplift_downstream_handshakes_total{listener=\"web\",outcome=\"no_shared_version\",protocol=\"none\"} 1.0",
            "tlsuplift_downstream_handshakes_total{listener=\"web\",outcome=\"not_tls\",protocol=\"none\"} 1.0",
            "tlsuplift_sessions_total{action=\"bridge\",listener=\"web\",reason=\"device_handshake_failed\"} 2.0");
  }

  @Test
  void countsSessionsThatEndEarly() {
    open("web").closed(CloseReason.DEVICE_NOT_ADMITTED, Duration.ZERO);
    open("web").closed(CloseReason.NEGOTIATION_TIMEOUT, Duration.ofSeconds(10));
    open("submission")
        .hello(TlsVersion.TLS_1_2)
        .decided(Action.DENY)
        .closed(CloseReason.NO_ROUTE, Duration.ofMillis(1));
    open("submission")
        .hello(TlsVersion.TLS_1_2)
        .decided(Action.TUNNEL)
        .relayed(10, 20)
        .closed(CloseReason.ORIGIN_RESET, Duration.ofHours(2));

    assertThat(samples())
        .contains(
            "tlsuplift_sessions_total{action=\"deny\",listener=\"web\",reason=\"device_not_admitted\"} 1.0",
            "tlsuplift_sessions_total{action=\"deny\",listener=\"web\",reason=\"negotiation_timeout\"} 1.0",
            "tlsuplift_sessions_total{action=\"deny\",listener=\"submission\",reason=\"no_route\"} 1.0",
            "tlsuplift_sessions_total{action=\"tunnel\",listener=\"submission\",reason=\"origin_reset\"} 1.0",
            "tlsuplift_sessions_seconds_bucket{action=\"tunnel\",listener=\"submission\",reason=\"origin_reset\",le=\"3600.0\"} 0",
            "tlsuplift_sessions_seconds_bucket{action=\"tunnel\",listener=\"submission\",reason=\"origin_reset\",le=\"+Inf\"} 1",
            "tlsuplift_sessions_active{listener=\"web\"} 0.0",
            "tlsuplift_sessions_active{listener=\"submission\"} 0.0")
        .noneMatch(line -> line.startsWith("tlsuplift_downstream_handshakes_seconds_count"));
  }

  @Test
  void countsFailuresOfOriginsByTheirReason() {
    open("web")
        .hello(TlsVersion.TLS_1_0)
        .decided(Action.BRIDGE)
        .originFailed(CloseReason.ORIGIN_BELOW_FLOOR, Duration.ofMillis(30))
        .deviceFailed(HandshakeOutcome.ABANDONED, Duration.ofMillis(31))
        .closed(CloseReason.ORIGIN_BELOW_FLOOR, Duration.ofMillis(32));

    assertThat(samples())
        .contains(
            "tlsuplift_upstream_handshakes_total{outcome=\"origin_below_floor\",protocol=\"none\"} 1.0",
            "tlsuplift_downstream_handshakes_total{listener=\"web\",outcome=\"abandoned\",protocol=\"TLSv1\"} 1.0");
  }

  @Test
  void countsKnownRepliesOfOrigins() {
    open("submission")
        .originReplied(MailProtocol.SMTP, OriginReply.SMTP_AUTH_DISABLED)
        .originReplied(MailProtocol.SMTP, OriginReply.TENANT_ATTRIBUTION);
    open("submission").originReplied(MailProtocol.SMTP, OriginReply.SMTP_AUTH_DISABLED);
    open("web").originReplied(MailProtocol.IMAP, OriginReply.LOGIN_FAILED);

    assertThat(samples().stream().filter(line -> line.startsWith("tlsuplift_origin_replies")))
        .containsExactlyInAnyOrder(
            "tlsuplift_origin_replies_total{listener=\"submission\",protocol=\"smtp\",reply=\"535 5.7.139\"} 2.0",
            "tlsuplift_origin_replies_total{listener=\"submission\",protocol=\"smtp\",reply=\"550 5.7.64\"} 1.0",
            "tlsuplift_origin_replies_total{listener=\"web\",protocol=\"imap\",reply=\"login failed\"} 1.0");
  }

  @Test
  void countsMessagesByOutcomeAndTheirSizes() {
    open("submission").messageRepaired(0).messageRepaired(0);

    assertThat(samples())
        .contains("tlsuplift_messages_total{listener=\"submission\",outcome=\"accepted\"} 2.0")
        .contains("tlsuplift_message_size_bytes_bucket{listener=\"submission\",le=\"1000.0\"} 2")
        .contains("tlsuplift_message_size_bytes_sum{listener=\"submission\"} 2000.0");
  }

  @Test
  void countsMessagesWithRepairedLineEnds() {
    open("submission").messageRepaired(2).messageRepaired(0).messageRepaired(7);

    assertThat(samples())
        .contains("tlsuplift_messages_repaired_total{listener=\"submission\"} 2.0");
  }

  @Test
  void countsSessionsInPlaintext() {
    open("submission").plaintextAccepted(MailProtocol.SMTP);
    open("submission").plaintextAccepted(MailProtocol.SMTP);
    open("web").hello(TlsVersion.TLS_1_0);

    assertThat(samples().stream().filter(line -> line.startsWith("tlsuplift_plaintext_sessions")))
        .containsExactly(
            "tlsuplift_plaintext_sessions_total{listener=\"submission\",protocol=\"smtp\"} 2.0");
  }

  @Test
  void startsMailRepliesOfAListenerFromZero() {
    metrics.expectMail("submission", MailProtocol.SMTP);
    metrics.expectMail("web", MailProtocol.POP3);

    List<String> mail =
        samples().stream()
            .filter(line -> line.matches("tlsuplift_(origin_replies|plaintext_sessions)_total.*"))
            .toList();
    assertThat(mail)
        .hasSize(OriginReply.values().length + 2)
        .allMatch(line -> line.endsWith(" 0.0"))
        .contains(
            "tlsuplift_origin_replies_total{listener=\"submission\",protocol=\"smtp\",reply=\"550 5.7.30\"} 0.0",
            "tlsuplift_origin_replies_total{listener=\"web\",protocol=\"pop3\",reply=\"login failed\"} 0.0",
            "tlsuplift_plaintext_sessions_total{listener=\"submission\",protocol=\"smtp\"} 0.0",
            "tlsuplift_plaintext_sessions_total{listener=\"web\",protocol=\"pop3\"} 0.0");
  }

  @Test
  void startsFailuresAtMailOriginsFromZeroForEachAction() {
    metrics.expectMail("submission", MailProtocol.SMTP);

    assertThat(samples())
        .contains(
            "tlsuplift_sessions_total{action=\"deny\",listener=\"submission\",reason=\"origin_unreachable\"} 0.0",
            "tlsuplift_sessions_total{action=\"bridge\",listener=\"submission\",reason=\"origin_refused\"} 0.0");
  }

  @Test
  void activeReturnsToZeroIfClosedIsCalledTwice() {
    ScriptedSession session = open("web");
    session.closed(CloseReason.DEVICE_CLOSED, Duration.ofSeconds(1));
    session.closed(CloseReason.DEVICE_CLOSED, Duration.ofSeconds(1));

    assertThat(samples())
        .contains(
            "tlsuplift_sessions_active{listener=\"web\"} 0.0",
            "tlsuplift_sessions_total{action=\"deny\",listener=\"web\",reason=\"device_closed\"} 1.0");
  }

  @Test
  void startsKnownListenersFromZero() {
    assertThat(samples())
        .contains(
            "tlsuplift_sessions_active{listener=\"web\"} 0.0",
            "tlsuplift_sessions_active{listener=\"submission\"} 0.0",
            "tlsuplift_bytes_total{direction=\"up\",listener=\"web\"} 0.0",
            "tlsuplift_bytes_total{direction=\"down\",listener=\"submission\"} 0.0",
            legacy("web", "SSLv3", "none", 0),
            legacy("web", "TLSv1", "none", 0),
            legacy("submission", "TLSv1.1", "none", 0),
            "tlsuplift_downstream_handshakes_total{listener=\"web\",outcome=\"completed\",protocol=\"TLSv1\"} 0.0",
            "tlsuplift_upstream_handshakes_total{outcome=\"completed\",protocol=\"TLSv1.2\"} 0.0",
            "tlsuplift_sessions_total{action=\"bridge\",listener=\"web\",reason=\"device_closed\"} 0.0");
  }

  @Test
  void givesCertificatesAndBuild() {
    AtomicLong minted = new AtomicLong(42);
    Meters configuration = metrics.configuration();
    configuration.time(MetricNames.CA_CERTIFICATE_EXPIRY, MicrometerProxyObserverTest::end);
    configuration.counter(MetricNames.LEAF_CERTIFICATES_MINTED, minted::get);
    // A registry holds its sources weakly unless told otherwise.
    System.gc();

    assertThat(samples())
        .contains(
            "tlsuplift_build_info{java=\"" + Runtime.version() + "\",version=\"1.2.3\"} 1",
            "tlsuplift_ca_certificate_expiry_seconds 2.1110976E9",
            "tlsuplift_leaf_certificates_minted_total 42.0");
  }

  @Test
  void theMetersOfAConfigurationAreRemovedTogether() {
    Meters configuration = metrics.configuration();
    configuration.time(MetricNames.CA_CERTIFICATE_EXPIRY, MicrometerProxyObserverTest::end);
    configuration.counter(MetricNames.LEAF_CERTIFICATES_MINTED, () -> 42);
    configuration.time(
        MetricNames.LISTENER_CA_CERTIFICATE_EXPIRY, MicrometerProxyObserverTest::end, "web");
    configuration.close();
    assertThat(metrics.scrape("").text())
        .doesNotContain("tlsuplift_ca_certificate_expiry", "tlsuplift_listener_ca_certificate");

    metrics.configuration().counter(MetricNames.LEAF_CERTIFICATES_MINTED, () -> 43);

    assertThat(samples()).contains("tlsuplift_leaf_certificates_minted_total 43.0");
  }

  private static Instant end() {
    return Instant.parse("2036-11-24T00:00:00Z");
  }

  @Test
  void aRemovedListenerHasNoMeters() {
    metrics.expectListener("scan");
    open("scan")
        .hello(TlsVersion.TLS_1_0)
        .decided(Action.BRIDGE)
        .closed(CloseReason.DEVICE_CLOSED, Duration.ofSeconds(1));
    assertThat(metrics.scrape("").text()).contains("listener=\"scan\"");

    metrics.keepListeners(Set.of("web", "submission"));

    assertThat(metrics.scrape("").text())
        .doesNotContain("listener=\"scan\"")
        .contains("listener=\"web\"", "listener=\"submission\"");
    metrics.expectListener("scan");
    assertThat(samples()).contains("tlsuplift_sessions_active{listener=\"scan\"} 0.0");
  }

  @Test
  void labelsContainNoInputOfDevices() {
    open("web")
        .hello(TlsVersion.TLS_1_0)
        .decided(Action.BRIDGE)
        .originAgreed(TlsVersion.TLS_1_2, Duration.ofMillis(1))
        .deviceAgreed(TlsVersion.TLS_1_0, "x\",listener=\"very-secret-cipher", Duration.ofMillis(1))
        .relayed(1, 1)
        .closed(CloseReason.DEVICE_CLOSED, Duration.ofSeconds(1));
    open("web")
        .hello(TlsVersion.TLS_1_1)
        .decided(Action.BRIDGE)
        .deviceFailed(HandshakeOutcome.CLOSED, Duration.ofMillis(1))
        .closed(CloseReason.DEVICE_HANDSHAKE_FAILED, Duration.ofSeconds(1));

    for (String accept : List.of("text/plain", "application/openmetrics-text")) {
      assertThat(metrics.scrape(accept).text())
          .doesNotContain(ScriptedSession.SERVER_NAME)
          .doesNotContain("very-secret")
          .doesNotContain(ScriptedSession.DEVICE.getAddress().getHostAddress())
          .doesNotContain("50123")
          .doesNotContain("c013");
    }
    assertThat(samples()).contains(legacy("web", "TLSv1", "other", 1));
  }

  @Test
  void boundsTheNumberOfCiphers() {
    IntStream.range(0, 3 * ListenerMeters.CipherLabel.MAX_NAMES)
        .forEach(
            i ->
                open("web")
                    .deviceAgreed(TlsVersion.TLS_1_0, "TLS_INVENTED_" + i, Duration.ofMillis(1)));

    List<String> legacy =
        samples().stream()
            .filter(line -> line.startsWith("tlsuplift_legacy"))
            .filter(line -> line.contains("cipher=\"TLS_INVENTED_") || line.contains("\"other\""))
            .toList();
    assertThat(legacy)
        .hasSize(ListenerMeters.CipherLabel.MAX_NAMES + 1)
        .contains(legacy("web", "TLSv1", "other", 2 * ListenerMeters.CipherLabel.MAX_NAMES));
  }

  private ScriptedSession open(String listener) {
    return ScriptedSession.open(metrics.proxyObserver(), listener);
  }

  private static String legacy(String listener, String protocol, String cipher, int count) {
    return "tlsuplift_legacy_handshakes_total{cipher=\"%s\",listener=\"%s\",protocol=\"%s\"} %d.0"
        .formatted(cipher, listener, protocol, count);
  }

  private List<String> samples() {
    return metrics.scrape("").text().lines().filter(line -> !line.startsWith("#")).toList();
  }
}
