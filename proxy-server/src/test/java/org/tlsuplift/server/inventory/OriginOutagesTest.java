package org.tlsuplift.server.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.DeviceSignIn;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.model.SessionObserver;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.SignInOutcome;
import org.tlsuplift.proxy.upstream.dial.OriginUnavailableException;

class OriginOutagesTest {
  private static final InetSocketAddress DEVICE = new InetSocketAddress("10.0.0.1", 4711);
  private static final HostPort ORIGIN = new HostPort("smtp.office365.com", 587);
  private static final Instant NOW = Instant.parse("2026-11-26T02:31:00Z");

  private final OriginOutages outages = new OriginOutages(Clock.fixed(NOW, ZoneOffset.UTC));

  private SessionObserver session() {
    SessionObserver session = outages.sessionOpened(new SessionId(1), "mail", DEVICE);
    session.negotiated(ORIGIN);
    return session;
  }

  private void ends(CloseReason reason, @Nullable TlsParameters tunnelled) {
    session()
        .closed(
            new SessionSummary(
                new SessionId(1),
                "mail",
                DEVICE,
                NOW,
                Duration.ZERO,
                ORIGIN,
                null,
                Action.TUNNEL,
                reason,
                "",
                null,
                null,
                tunnelled,
                9,
                tunnelled == null ? 0 : 9));
  }

  @Test
  void anOutageBeginsWithTheFirstFailureAndEndsWithASuccess() {
    ends(CloseReason.ORIGIN_UNREACHABLE, null);
    ends(CloseReason.DEVICE_CLOSED, null);
    assertThat(outages.now()).containsExactly(new OriginOutages.Outage(ORIGIN, NOW, ""));
    ends(CloseReason.DEVICE_CLOSED, new TlsParameters(TlsVersion.TLS_1_3, "suite", null));
    assertThat(outages.now()).isEmpty();
  }

  @Test
  void waitingMailBeginsAndEndsAnOutage() {
    outages.failed(ORIGIN, null);
    outages.failed(ORIGIN, new IOException("the mailbox is busy"));
    assertThat(outages.now()).isEmpty();
    outages.failed(ORIGIN, unavailable("refused"));
    outages.failed(ORIGIN, unavailable("no route"));
    assertThat(outages.now()).containsExactly(new OriginOutages.Outage(ORIGIN, NOW, "no route"));
    outages.reached(ORIGIN);
    assertThat(outages.now()).isEmpty();
  }

  private static OriginUnavailableException unavailable(String why) {
    return new OriginUnavailableException(
        CloseReason.ORIGIN_UNREACHABLE, ORIGIN, Explanation.of(why), null);
  }

  @Test
  void mailThatTheSpoolTakesDoesNotHideTheOutage() {
    SessionObserver session = session();
    session.signedIn(
        new DeviceSignIn(MailProtocol.SMTP, SignInOutcome.ORIGIN_UNAVAILABLE, "a@b", false, ""));
    ends(CloseReason.DEVICE_CLOSED, null);
    assertThat(outages.now()).hasSize(1);
  }
}
