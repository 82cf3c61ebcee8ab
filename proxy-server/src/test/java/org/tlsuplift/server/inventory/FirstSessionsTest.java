package org.tlsuplift.server.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.DeviceHandshake;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.model.SessionObserver;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.server.log.LineEncoder;

/** A device's first success leaves one line. */
class FirstSessionsTest {
  private static final TlsParameters OLD =
      new TlsParameters(TlsVersion.TLS_1_0, "TLS_RSA_WITH_AES_128_CBC_SHA", null);
  private static final TlsParameters NEW =
      new TlsParameters(TlsVersion.TLS_1_2, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", null);

  private final Logger logger = (Logger) LoggerFactory.getLogger("org.tlsuplift.session");
  private final ListAppender<ILoggingEvent> events = new ListAppender<>();
  private CloseReason reason = CloseReason.DEVICE_CLOSED;
  private final FirstSessions sessions = new FirstSessions(DeviceNetworks.DEFAULT);
  private String listener = "submission";

  @BeforeEach
  void listen() {
    events.start();
    logger.setLevel(Level.INFO);
    logger.addAppender(events);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(events);
    logger.setLevel(null);
  }

  private SessionObserver open(String device) {
    return sessions.sessionOpened(new SessionId(42), listener, new InetSocketAddress(device, 1234));
  }

  private SessionSummary summary(
      String device, @Nullable TlsParameters agreed, @Nullable TlsParameters tunnelled, long up) {
    return new SessionSummary(
        new SessionId(42),
        listener,
        new InetSocketAddress(device, 1234),
        Instant.EPOCH,
        Duration.ofSeconds(1),
        new HostPort("smtp.office365.com", 587),
        null,
        Action.BRIDGE,
        reason,
        "",
        agreed == null
            ? null
            : new DeviceHandshake(HandshakeOutcome.COMPLETED, agreed, Duration.ZERO, ""),
        tunnelled == null ? new OriginHandshake(null, NEW, Duration.ZERO, null) : null,
        tunnelled,
        up,
        100);
  }

  private void succeed(String device) {
    open(device).closed(summary(device, OLD, null, 100));
  }

  private List<String> messages() {
    return events.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Test
  void theFirstSessionOfADeviceIsLoggedOnce() {
    succeed("10.1.2.3");
    succeed("10.1.2.3");
    succeed("10.1.2.4");
    assertThat(messages())
        .containsExactly(
            "first session from 10.1.2.3: TLSv1 -> TLSv1.2, smtp.office365.com",
            "first session from 10.1.2.4: TLSv1 -> TLSv1.2, smtp.office365.com");
    assertThat(events.list.get(0).getKeyValuePairs())
        .map(each -> each.key + "=" + each.value)
        .containsExactly("device=10.1.2.3", "listener=submission", "session=0000002a");
    assertThat(events.list.get(0).getLevel()).isEqualTo(Level.INFO);
  }

  @Test
  void sessionsThatRunAtTheSameTimeLeaveOneLine() {
    SessionObserver one = open("10.1.2.3");
    SessionObserver other = open("10.1.2.3");
    one.closed(summary("10.1.2.3", OLD, null, 1));
    other.closed(summary("10.1.2.3", OLD, null, 1));
    assertThat(messages()).hasSize(1);
  }

  @Test
  void aNetworkOfIpv6IsOneDevice() {
    succeed("2001:db8:0:1::1");
    succeed("2001:db8:0:1::2");
    succeed("2001:db8:0:2::1");
    assertThat(messages()).hasSize(2);
  }

  @Test
  void plaintextAndTunnelsAreNamed() {
    open("10.1.2.3").closed(summary("10.1.2.3", null, null, 1));
    open("10.1.2.4").closed(summary("10.1.2.4", null, NEW, 1));
    assertThat(messages())
        .containsExactly(
            "first session from 10.1.2.3: plaintext -> TLSv1.2, smtp.office365.com",
            "first session from 10.1.2.4: TLSv1.2 end to end, smtp.office365.com");
  }

  @Test
  void aSessionThatCarriedNothingIsNoSuccess() {
    open("10.1.2.3").closed(summary("10.1.2.3", OLD, null, 0));
    assertThat(messages()).isEmpty();
    succeed("10.1.2.3");
    assertThat(messages()).hasSize(1);
  }

  @Test
  void aSessionThatEndedByAFaultIsNoSuccess() {
    reason = CloseReason.DEVICE_PROTOCOL_ERROR;
    succeed("10.1.2.3");
    assertThat(messages()).isEmpty();
    reason = CloseReason.DEVICE_RESET;
    succeed("10.1.2.3");
    assertThat(messages()).hasSize(1);
  }

  @Test
  void aSessionInWhichTheOriginRefusedIsNoSuccess() {
    SessionObserver refused = open("10.1.2.3");
    refused.originReplied(MailProtocol.SMTP, OriginReply.SMTP_AUTH_DISABLED);
    refused.closed(summary("10.1.2.3", OLD, null, 100));
    SessionObserver elsewhere = open("10.1.2.3");
    elsewhere.deviceSignInRefused();
    elsewhere.closed(summary("10.1.2.3", OLD, null, 100));
    assertThat(messages()).isEmpty();
  }

  @Test
  void relayNeverCallsIt() {
    assertThat(open("10.1.2.3").observesRelay()).isFalse();
    succeed("10.1.2.3");
    assertThat(open("10.1.2.3").observesRelay()).isFalse();
  }

  @Test
  void lineHasAtMostThreeHundredCharacters() {
    listener = "l".repeat(300);
    succeed("2001:db8:1111:2222:3333:4444:5555:6666");
    String line = new String(new LineEncoder().encode(events.list.get(0)), StandardCharsets.UTF_8);
    assertThat(line.strip()).hasSizeLessThanOrEqualTo(300);
  }
}
