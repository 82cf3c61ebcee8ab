package org.tlsuplift.server.inventory.record;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.DeviceHandshake;
import org.tlsuplift.proxy.model.DeviceSignIn;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.MailMessage;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.model.SessionObserver;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;
import org.tlsuplift.proxy.outcome.MessageRefusal;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.proxy.outcome.SignInOutcome;
import org.tlsuplift.server.inventory.Success;
import org.tlsuplift.server.inventory.TestDevice;

/** What of a session is noted, and when. */
class InventoryObserverTest {
  private static final InetSocketAddress DEVICE = new InetSocketAddress("10.0.0.1", 5000);
  private static final HostPort TARGET = new HostPort("origin.example", 443);

  private final SightingQueue queue = new SightingQueue(new LongAdder());
  private final List<Sighting> seen = new ArrayList<>();
  private SessionObserver session;

  @BeforeEach
  void open() {
    session =
        new InventoryObserver(queue, Clock.fixed(Sightings.NOW, ZoneOffset.UTC))
            .sessionOpened(new SessionId(1), "web", DEVICE);
  }

  @Test
  void theDoctorsTestMessageIsNoDevice() {
    ClientHello offer = Sightings.hello(TlsVersion.TLS_1_2, "t12d", 0x002f, 0x0035, 0x00ff);
    open("127.0.0.1");
    session.introduced(TestDevice.NAME);
    session.helloReceived(offer);
    session.deviceHandshake(handshake(HandshakeOutcome.COMPLETED));
    closed(CloseReason.DEVICE_CLOSED, 5, 7);
    assertThat(seen()).as("STARTTLS").isEmpty();
    open("127.0.0.1");
    session.helloReceived(offer);
    session.deviceHandshake(handshake(HandshakeOutcome.COMPLETED));
    session.introduced(TestDevice.NAME);
    closed(CloseReason.DEVICE_CLOSED, 5, 7);
    assertThat(seen()).as("implicit TLS").isEmpty();
    open("127.0.0.1");
    session.helloReceived(Sightings.hello(TlsVersion.TLS_1_2, "t12d", 0xc02c, 0xc030, 0x00ff));
    session.deviceHandshake(handshake(HandshakeOutcome.COMPLETED));
    session.introduced(TestDevice.NAME);
    closed(CloseReason.DEVICE_CLOSED, 5, 7);
    assertThat(seen()).as("a modern listener with implicit TLS").isEmpty();
    open("127.0.0.1");
    session.helloReceived(offer);
    session.deviceHandshake(handshake(HandshakeOutcome.COMPLETED));
    session.introduced("printer");
    assertThat(seen()).as("another program of this machine").hasSize(1);
  }

  @Test
  void aDeviceCannotHideBehindTheNameOfTheDoctor() {
    session.introduced(TestDevice.NAME);
    session.helloReceived(Sightings.TLS_1_0);
    session.deviceHandshake(handshake(HandshakeOutcome.COMPLETED));
    assertThat(seen()).hasSize(1);
  }

  private void open(String device) {
    session =
        new InventoryObserver(queue, Clock.fixed(Sightings.NOW, ZoneOffset.UTC))
            .sessionOpened(new SessionId(1), "mail", new InetSocketAddress(device, 5000));
  }

  @Test
  void aBridgedSessionIsSeenWhenItIsEstablishedAndAtItsEnd() {
    session.negotiated(TARGET);
    session.helloReceived(Sightings.TLS_1_0);
    session.decided(Action.BRIDGE);
    assertThat(seen()).isEmpty();
    session.deviceHandshake(handshake(HandshakeOutcome.COMPLETED));
    assertThat(seen()).hasSize(1);
    session.originReplied(MailProtocol.SMTP, OriginReply.BAD_CREDENTIALS);
    session.messageRefused(MessageRefusal.TOO_LARGE);
    session.messageRefused(MessageRefusal.TOO_LARGE);
    closed(CloseReason.DEVICE_CLOSED, 5, 7);

    Sighting begun = seen.get(0);
    assertThat(begun.first()).isTrue();
    assertThat(begun.hello()).isEqualTo(Sightings.TLS_1_0);
    assertThat(begun.agreed()).isEqualTo(Sightings.agreed(Sightings.TLS_1_0));
    assertThat(begun.bridged()).isTrue();
    assertThat(begun.target()).isEqualTo(TARGET);
    assertThat(seen()).hasSize(2);
    Sighting ended = seen.get(1);
    assertThat(ended.first()).isFalse();
    assertThat(ended.hello()).isNull();
    assertThat(ended.agreed()).isNull();
    assertThat(ended.failure()).isEmpty();
    assertThat(ended.replies()).isEqualTo(Set.of(OriginReply.BAD_CREDENTIALS));
    assertThat(ended.refusals()).isEqualTo(Set.of(MessageRefusal.TOO_LARGE));
    assertThat(List.of(ended.bytesUp(), ended.bytesDown())).containsExactly(5L, 7L);
  }

  @Test
  void aSessionThatEndsSoonIsSeenOnce() {
    established();
    closed(CloseReason.DEVICE_CLOSED, 5, 7);

    assertThat(seen())
        .singleElement()
        .satisfies(
            only -> {
              assertThat(only.first()).isTrue();
              assertThat(only.hello()).isEqualTo(Sightings.TLS_1_0);
              assertThat(List.of(only.bytesUp(), only.bytesDown())).containsExactly(5L, 7L);
            });
  }

  @Test
  void aFailureThatFollowsSoonIsSeenAfterTheBeginning() {
    established();
    closed(CloseReason.ORIGIN_BELOW_FLOOR, 0, 0);

    assertThat(seen()).extracting(Sighting::failure).containsExactly("", "origin_below_floor");
  }

  @Test
  void reportsBytesAtTheEndOfAReportedSession() {
    established();
    assertThat(seen()).hasSize(1);
    closed(CloseReason.DEVICE_CLOSED, 5, 7);

    assertThat(seen()).extracting(Sighting::bytesDown).containsExactly(0L, 7L);
    assertThat(seen()).extracting(Sighting::first).containsExactly(true, false);
  }

  @Test
  void reportsADeviceThatDoesNotTrustTheCa() {
    session.helloReceived(Sightings.TLS_1_0);
    session.deviceHandshake(handshake(HandshakeOutcome.CERTIFICATE_REJECTED));
    closed(CloseReason.DEVICE_HANDSHAKE_FAILED, 0, 0);

    assertThat(seen())
        .singleElement()
        .satisfies(
            only -> {
              assertThat(only.failure()).isEqualTo("certificate_rejected");
              assertThat(only.hello()).isEqualTo(Sightings.TLS_1_0);
              assertThat(only.first()).isTrue();
            });
  }

  @Test
  void reportsATunnelWithTheAgreedVersion() {
    session.helloReceived(Sightings.MODERN);
    session.tunnelAgreed(Sightings.agreed(Sightings.MODERN));
    assertThat(seen()).singleElement().matches(only -> !only.bridged() && only.agreed() != null);
  }

  @Test
  void reportsTheGroupOfTheKeyExchangeWithTheOriginOnce() {
    session.negotiated(TARGET);
    established();
    session.originHandshake(
        new OriginHandshake(
            null,
            new TlsParameters(TlsVersion.TLS_1_3, "TLS_AES_128_GCM_SHA256", null, "X25519MLKEM768"),
            Duration.ZERO,
            null));
    session.messageEnded(message(MessageOutcome.ACCEPTED));
    closed(CloseReason.DEVICE_CLOSED, 5, 7);
    assertThat(seen())
        .extracting(Sighting::originGroup)
        .filteredOn(Objects::nonNull)
        .containsExactly("X25519MLKEM768");
  }

  @Test
  void reportsTheGroupInATunnel() {
    session.helloReceived(Sightings.MODERN);
    session.tunnelAgreed(
        new TlsParameters(TlsVersion.TLS_1_3, "TLS_AES_128_GCM_SHA256", null, "x25519"));
    assertThat(seen()).extracting(Sighting::originGroup).containsExactly("x25519");
  }

  @Test
  void reportsAMailDeviceWithItsName() {
    session.introduced("printer");
    session.plaintextAccepted(MailProtocol.SMTP);
    assertThat(seen())
        .singleElement()
        .matches(only -> only.plaintext() && only.introduction().equals("printer"));
  }

  @Test
  void aConnectionThatSendsNothingIsNoDevice() {
    session.negotiated(TARGET);
    closed(CloseReason.DEVICE_CLOSED, 0, 0);
    assertThat(seen()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"DEVICE_NOT_ADMITTED", "PROXY_HEADER_REFUSED"})
  void aConnectionThatIsNotAdmittedIsNoDevice(CloseReason reason) {
    closed(reason, 0, 0);
    assertThat(seen()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {
        "DEVICE_NOT_ADMITTED",
        "PROXY_HEADER_REFUSED",
        "DEVICE_CLOSED",
        "ORIGIN_CLOSED",
        "DEVICE_RESET",
        "ORIGIN_RESET",
        "IDLE_TIMEOUT",
        "SHUTDOWN"
      })
  void everyOtherReasonIsAFailure(CloseReason reason) {
    closed(reason, 0, 0);
    assertThat(seen()).singleElement().matches(only -> only.failure().equals(reason.label()));
  }

  @Test
  void sessionThatReachedItsOriginIsASuccess() {
    established();
    closed(CloseReason.DEVICE_CLOSED, 5, 7);
    assertThat(seen()).extracting(Sighting::successes).containsExactly(Set.of(Success.SESSION));
  }

  @ParameterizedTest
  @CsvSource({
    "DEVICE_CLOSED,5,0",
    "DEVICE_CLOSED,0,7",
    "ORIGIN_PROTOCOL_ERROR,5,7",
    "DEVICE_CLOSED_UNUSED,0,7"
  })
  void otherSessionsAreNoSuccess(CloseReason reason, long up, long down) {
    established();
    closed(reason, up, down);
    assertThat(seen()).flatExtracting(Sighting::successes).isEmpty();
  }

  @Test
  void forwardedRequestIsASuccessIfTheOriginAnswered() {
    session.negotiated(TARGET);
    closed(Action.FORWARD, CloseReason.ORIGIN_CLOSED, 0, 0);
    assertThat(seen()).extracting(Sighting::successes).containsExactly(Set.of(Success.SESSION));
  }

  @Test
  void openSessionReportsItsFirstSuccessAtOnce() {
    session.negotiated(TARGET);
    established();
    assertThat(seen()).hasSize(1);
    session.messageEnded(message(MessageOutcome.REJECTED));
    session.messageEnded(message(MessageOutcome.WAITING));
    assertThat(seen()).hasSize(1);
    session.messageEnded(message(MessageOutcome.ACCEPTED));
    session.messageEnded(message(MessageOutcome.ACCEPTED));
    assertThat(seen()).hasSize(2);
    assertThat(seen.get(1).successes()).containsExactly(Success.MESSAGE);
    assertThat(seen.get(1).target()).isEqualTo(TARGET);

    session.originReplied(MailProtocol.SMTP, OriginReply.SEND_AS_DENIED);
    session.messageEnded(message(MessageOutcome.ACCEPTED));
    assertThat(seen()).hasSize(3);
    assertThat(seen.get(2).replies()).containsExactly(OriginReply.SEND_AS_DENIED);
    assertThat(seen.get(2).successes()).containsExactly(Success.MESSAGE);
  }

  @Test
  void acceptedMessageDoesNotEndALaterRefusal() {
    established();
    session.messageEnded(message(MessageOutcome.ACCEPTED));
    session.messageEnded(message(MessageOutcome.ACCEPTED));
    assertThat(seen()).hasSize(2);
    session.originReplied(MailProtocol.SMTP, OriginReply.SEND_AS_DENIED);
    closed(CloseReason.DEVICE_CLOSED, 5, 7);
    assertThat(seen()).hasSize(3);
    assertThat(seen.get(2).replies()).containsExactly(OriginReply.SEND_AS_DENIED);
    assertThat(seen.get(2).successes()).containsExactly(Success.SESSION);
  }

  @Test
  void signInToAMailboxIsASuccess() {
    session.deviceSignInAccepted();
    session.signedIn(signIn(MailProtocol.POP3, SignInOutcome.ORIGIN_REFUSED));
    session.signedIn(signIn(MailProtocol.SMTP, SignInOutcome.SIGNED_IN));
    assertThat(seen()).extracting(Sighting::successes).containsExactly(Set.of(Success.SIGN_IN));
    session.originReplied(MailProtocol.POP3, OriginReply.LOGIN_FAILED);
    session.signedIn(signIn(MailProtocol.POP3, SignInOutcome.SIGNED_IN));
    assertThat(seen()).hasSize(2);
    assertThat(seen.get(1).successes()).containsExactly(Success.SIGN_IN);
  }

  private static DeviceSignIn signIn(MailProtocol protocol, SignInOutcome outcome) {
    return new DeviceSignIn(protocol, outcome, null, false, "");
  }

  private static MailMessage message(MessageOutcome outcome) {
    return new MailMessage("", List.of(), 1, 1, 10, Duration.ZERO, outcome, null, "", 0);
  }

  private void established() {
    session.helloReceived(Sightings.TLS_1_0);
    session.deviceHandshake(handshake(HandshakeOutcome.COMPLETED));
  }

  private List<Sighting> seen() {
    seen.addAll(queue.drain());
    return seen;
  }

  private static DeviceHandshake handshake(HandshakeOutcome outcome) {
    boolean completed = outcome == HandshakeOutcome.COMPLETED;
    return new DeviceHandshake(
        outcome, completed ? Sightings.agreed(Sightings.TLS_1_0) : null, Duration.ZERO, "");
  }

  private void closed(CloseReason reason, long up, long down) {
    closed(Action.BRIDGE, reason, up, down);
  }

  private void closed(Action action, CloseReason reason, long up, long down) {
    session.closed(
        new SessionSummary(
            new SessionId(1),
            "web",
            DEVICE,
            Instant.EPOCH,
            Duration.ZERO,
            TARGET,
            null,
            action,
            reason,
            "",
            null,
            null,
            null,
            up,
            down));
  }
}
