package org.tlsuplift.proxy.accept;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.accept.SessionRegistry.BufferBudget;
import org.tlsuplift.proxy.context.DeviceAdmission;
import org.tlsuplift.proxy.context.EcRefusals;
import org.tlsuplift.proxy.context.HandshakeLimiter;
import org.tlsuplift.proxy.context.HandshakeQueue;
import org.tlsuplift.proxy.context.Limits;
import org.tlsuplift.proxy.context.ListenerMail;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.context.MailQuotas;
import org.tlsuplift.proxy.context.SessionServices;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.negotiate.AcceptMode;
import org.tlsuplift.proxy.negotiate.SocksUsers;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.proxy.route.ServerNameMismatch;
import org.tlsuplift.proxy.session.Session;
import org.tlsuplift.proxy.testing.RecordingObserver;
import org.tlsuplift.proxy.testing.Uplift;
import org.tlsuplift.proxy.tls.LegacyTls;
import org.tlsuplift.proxy.upstream.dial.SelfAddresses;

class SessionRegistryTest {
  private static final long BUDGET = 1 << 20;
  private static final InetSocketAddress ADDRESS = new InetSocketAddress("127.0.0.1", 1);
  private static final Duration SECOND = Duration.ofSeconds(1);

  /** No session is allowed, so a session with enough memory is refused for this limit. */
  private static final Limits NO_SESSION = Uplift.limits(0, 0, SECOND, SECOND, SECOND);

  private static final Limits ONE_SESSION = Uplift.limits(1, 1, SECOND, SECOND, SECOND);

  private static final ListenerSpec SPEC =
      new ListenerSpec(
          "socks",
          List.of(ADDRESS),
          false,
          null,
          new AcceptMode.Socks(SocksUsers.NONE),
          LegacyTls.PROFILE,
          List.of(),
          ServerNameMismatch.REFUSE,
          null,
          null,
          ListenerMail.NONE);

  private final RecordingObserver observer = new RecordingObserver();
  private final AtomicLong held = new AtomicLong();
  private final SessionRegistry registry =
      new SessionRegistry(generation(NO_SESSION, SPEC), new BufferBudget(BUDGET, held::get));

  private Generation generation(Limits limits, ListenerSpec... listeners) {
    RouteTable routes = new RouteTable(List.of());
    return new Generation(
        new SessionServices(
            limits,
            new HandshakeLimiter(limits),
            new MailQuotas(List.of(), limits.networks()),
            new DeviceAdmission(List.of(Cidr.parse("127.0.0.0/8"))),
            routes,
            null,
            null,
            null,
            null,
            new EcRefusals(),
            observer),
        new ReachableTargets(routes, new SelfAddresses()),
        List.of(listeners));
  }

  private AcceptedConnection accept(Connection connection) {
    return registry.accept(connection, ListenAddress.of(SPEC, ADDRESS));
  }

  private static final class Connection extends EmbeddedChannel {
    @Override
    protected SocketAddress remoteAddress0() {
      return ADDRESS;
    }

    @Override
    protected SocketAddress localAddress0() {
      return ADDRESS;
    }
  }

  private SessionSummary refusal() {
    Connection device = new Connection();
    assertThat(registry.admit(accept(device))).isNull();
    assertThat(device.isOpen()).isFalse();
    return observer.closed.get(observer.closed.size() - 1);
  }

  @Test
  void refusesNewSessionsAsOverloadedUntilMemoryIsBack() {
    held.set(BUDGET);
    assertThat(refusal().reason()).isEqualTo(CloseReason.OVERLOADED);
    assertThat(refusal().reason()).isEqualTo(CloseReason.OVERLOADED);
    assertThat(observer.opened).as("each is reported").hasValue(2);
    assertThat(registry.sessions()).as("none takes a place").isZero();
    held.set(0);
    assertThat(refusal().reason()).isEqualTo(CloseReason.SESSION_LIMIT);
  }

  @Test
  void refusesADeviceThatAProxyHeaderNames() {
    held.set(BUDGET);
    Connection connection = new Connection();
    assertThat(registry.admit(accept(connection), ADDRESS, null)).isNull();
    assertThat(observer.closed)
        .singleElement()
        .extracting(SessionSummary::reason)
        .isEqualTo(CloseReason.OVERLOADED);
  }

  private boolean admits(InetSocketAddress device) {
    return registry.admit(accept(new Connection()), device, null) != null;
  }

  /** As many devices wait as if their ClientHellos had arrived in one round of an event loop. */
  private void await(int devices) {
    HandshakeQueue queue = registry.handshakes().of(new Connection().eventLoop());
    while (registry.waitingHandshakes() < devices) {
      queue.place(ADDRESS.getAddress(), () -> {}).enter();
    }
  }

  @Test
  void aSessionThatWaitsForItsHandshakeCountsHalf() {
    registry.replace(generation(Uplift.limits(2, 9, SECOND, SECOND, SECOND), SPEC));
    assertThat(admits(ADDRESS)).isTrue();
    assertThat(admits(ADDRESS)).isTrue();
    assertThat(admits(ADDRESS)).isFalse();
    await(2);
    assertThat(admits(ADDRESS)).isTrue();
    assertThat(refusal().reason()).isEqualTo(CloseReason.SESSION_LIMIT);
  }

  @Test
  void reservesTheLastTenthForRecentDevicesWhileManyWait() {
    InetSocketAddress known = new InetSocketAddress("127.0.0.2", 1);
    registry.replace(generation(Uplift.limits(20, 99, SECOND, SECOND, SECOND), SPEC));
    registry.handshakes().served(known.getAddress());
    for (int i = 0; i < 19; i++) {
      assertThat(admits(ADDRESS)).isTrue();
    }
    await(2);

    SessionSummary refused = refusal();
    assertThat(refused.reason()).isEqualTo(CloseReason.OVERLOADED);
    assertThat(refused.detail()).startsWith("2 devices wait for their handshakes");
    assertThat(admits(known)).isTrue();
  }

  @Test
  void newDevicesGetTheLastSessionsIfFewWait() {
    registry.replace(generation(Uplift.limits(20, 99, SECOND, SECOND, SECOND), SPEC));
    for (int i = 0; i < 20; i++) {
      assertThat(admits(ADDRESS)).isTrue();
    }
    assertThat(refusal().reason()).isEqualTo(CloseReason.SESSION_LIMIT);
  }

  @Test
  void aConnectionKeepsTheLimitsThatItWasAcceptedUnder() {
    AcceptedConnection connection = accept(new Connection());

    registry.replace(generation(ONE_SESSION, SPEC));

    assertThat(registry.admit(connection)).isNull();
    assertThat(observer.closed.get(0).reason()).isEqualTo(CloseReason.SESSION_LIMIT);
    assertThat(registry.admit(accept(new Connection()))).isNotNull();
  }

  @Test
  void aGenerationEndsAfterItsLastConnection() {
    Generation first = generation(ONE_SESSION, SPEC);
    registry.replace(first);
    AtomicBoolean ended = new AtomicBoolean();
    var unused = first.end().thenRun(() -> ended.set(!observer.closed.isEmpty()));
    Session session = registry.admit(accept(new Connection()));

    registry.replace(generation(NO_SESSION, SPEC));

    assertThat(ended).isFalse();
    session.shutDown();
    assertThat(ended).as("after the end of the session was reported").isTrue();
  }

  @Test
  void aGenerationEndsAtOnceIfItHasOnlyRefusedConnections() {
    Generation first = generation(NO_SESSION, SPEC);
    registry.replace(first);
    refusal();
    AtomicBoolean ended = new AtomicBoolean();
    var unused = first.end().thenRun(() -> ended.set(true));

    registry.replace(generation(NO_SESSION, SPEC));

    assertThat(ended).isTrue();
  }

  @Test
  void closesAConnectionToARemovedListener() {
    registry.replace(generation(NO_SESSION));
    Connection device = new Connection();

    assertThat(accept(device)).isNull();

    assertThat(device.isOpen()).isFalse();
    assertThat(observer.opened).hasValue(0);
  }
}
