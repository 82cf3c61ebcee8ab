package org.tlsuplift.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.relay.HoldingHandler;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;

class SpareConnectionsTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  private final EventLoop loop = new DefaultEventLoop();
  private final List<Promise<OriginConnection>> dials = new ArrayList<>();
  private final SpareConnections.Purpose purpose = purpose("a.example", "http/1.1");
  private SpareConnections spares = spares(2, LONG);

  private SpareConnections spares(int count, Duration age) {
    return new SpareConnections(
        count,
        age,
        forWhat -> {
          Promise<OriginConnection> dial = loop.newPromise();
          dials.add(dial);
          return dial;
        });
  }

  private SpareConnections.Purpose purpose(String host, String... protocols) {
    return new SpareConnections.Purpose(
        loop,
        new RouteDecision.Bridge(new HostPort(host, 443), host, "", null),
        List.of(protocols));
  }

  /** A session begins; then all that the loop has to do is done. */
  private @Nullable OriginConnection begin(SpareConnections.Purpose session) throws Exception {
    OriginConnection taken = loop.submit(() -> spares.take(session)).get();
    onLoop(() -> {});
    return taken;
  }

  private void onLoop(Runnable step) throws Exception {
    loop.submit(step).get();
  }

  private OriginConnection connect(int dial) throws Exception {
    OriginConnection connection =
        OriginConnection.of(new EmbeddedChannel(new HoldingHandler()), null);
    onLoop(() -> dials.get(dial).trySuccess(connection));
    return connection;
  }

  @AfterEach
  void end() {
    var unused = loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
  }

  @Test
  void secondSessionStartsDiallingOneByOne() throws Exception {
    assertThat(begin(purpose)).isNull();
    assertThat(dials).isEmpty();
    assertThat(begin(purpose)).isNull();
    assertThat(dials).hasSize(1);
    connect(0);
    assertThat(dials).hasSize(2);
    connect(1);
    assertThat(dials).hasSize(2);
  }

  @Test
  void eachIsGivenOnceTheNewestFirst() throws Exception {
    begin(purpose);
    begin(purpose);
    OriginConnection older = connect(0);
    OriginConnection newer = connect(1);
    assertThat(begin(purpose)).isSameAs(newer);
    assertThat(begin(purpose)).isSameAs(older);
    assertThat(begin(purpose)).isNull();
    assertThat(older.channel().isOpen()).isTrue();
    assertThat(dials).hasSize(3);
  }

  @Test
  void aFailureEndsDiallingUntilTheNextSession() throws Exception {
    begin(purpose);
    begin(purpose);
    onLoop(() -> dials.get(0).tryFailure(new IllegalStateException("unreachable")));
    assertThat(dials).hasSize(1);
    begin(purpose);
    assertThat(dials).hasSize(2);
  }

  @Test
  void anotherOriginOrProtocolHasItsOwn() throws Exception {
    begin(purpose);
    begin(purpose);
    connect(0);
    assertThat(begin(purpose("b.example", "http/1.1"))).isNull();
    assertThat(begin(purpose("a.example", "h2"))).isNull();
    assertThat(begin(purpose)).isNotNull();
  }

  @Test
  void limitsTheNumberOfPurposes() throws Exception {
    for (int i = 0; i < SpareConnections.MAX_PURPOSES; i++) {
      begin(purpose("host" + i + ".example"));
    }
    begin(purpose);
    begin(purpose);
    assertThat(dials).isEmpty();
    begin(purpose("host0.example"));
    assertThat(dials).hasSize(1);
  }

  @Test
  void aConnectionThatEndedIsClosedInsteadOfGiven() throws Exception {
    begin(purpose);
    begin(purpose);
    OriginConnection ended = connect(0);
    OriginConnection failed = connect(1);
    ended.channel().pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    failed.channel().pipeline().fireExceptionCaught(new IllegalStateException("reset"));
    assertThat(begin(purpose)).isNull();
    assertThat(ended.channel().isOpen()).isFalse();
    assertThat(failed.channel().isOpen()).isFalse();
  }

  @Test
  void anUnusedConnectionClosesAndAUsedOneStays() throws Exception {
    spares = spares(2, Duration.ofMillis(100));
    begin(purpose);
    begin(purpose);
    OriginConnection unused = connect(0);
    OriginConnection used = connect(1);
    assertThat(begin(purpose)).isSameAs(used);
    await().until(() -> !unused.channel().isOpen());
    assertThat(used.channel().isOpen()).isTrue();
  }
}
