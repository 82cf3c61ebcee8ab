package org.tlsuplift.proxy.upstream.dial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.tlsuplift.proxy.accept.Transport;

/** Real sockets on several loopback addresses: open, closed and silent. */
@ParameterizedClass
@EnumSource
class HappyEyeballsTest {
  private final Transport transport;
  private final EventLoopGroup loops;

  HappyEyeballsTest(Transport transport) {
    assumeTrue(transport.isAvailable());
    this.transport = transport;
    loops = transport.newEventLoops(1);
  }

  @AfterEach
  void stop() {
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private final List<Channel> attempts = new CopyOnWriteArrayList<>();

  private Future<Channel> race(int connectMillis, InetSocketAddress... addresses) throws Exception {
    var loop = loops.next();
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(transport.channel())
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, connectMillis)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    attempts.add(channel);
                  }
                });
    AtomicReference<Future<Channel>> started = new AtomicReference<>();
    loop.execute(
        () -> started.set(HappyEyeballs.start(bootstrap::connect, loop, List.of(addresses))));
    await().until(() -> started.get() != null);
    return started.get();
  }

  private static InetSocketAddress at(String ip, int port) {
    return new InetSocketAddress(ip, port);
  }

  /** A listening socket with a full queue, for which Linux drops further connections. */
  private static final class Silent implements AutoCloseable {
    /** Linux queues one connection more. */
    private static final int BACKLOG = 1;

    final ServerSocket server;
    private final List<Socket> queue = new ArrayList<>();

    Silent(String ip, int port) throws IOException {
      server = new ServerSocket(port, BACKLOG, InetAddress.getByName(ip));
      for (boolean full = false; !full; ) {
        Socket socket = new Socket();
        try {
          socket.connect(server.getLocalSocketAddress(), 200);
          queue.add(socket);
        } catch (SocketTimeoutException dropped) {
          socket.close();
          // On a busy machine Java reports a timeout without another look at the socket.
          full = queue.size() > BACKLOG;
        }
      }
    }

    @Override
    public void close() throws IOException {
      for (Socket socket : queue) {
        socket.close();
      }
      server.close();
    }
  }

  @Test
  void alternatesAddressFamilies() {
    List<InetSocketAddress> ordered =
        HappyEyeballs.interleave(
            List.of(at("::1", 1), at("::2", 1), at("::3", 1), at("127.0.0.1", 1)));
    assertThat(ordered)
        .containsExactly(at("::1", 1), at("127.0.0.1", 1), at("::2", 1), at("::3", 1));
  }

  @Test
  void triesAtMostSixteenAddresses() {
    InetSocketAddress[] many = new InetSocketAddress[40];
    Arrays.setAll(many, i -> at("127.0.0." + (i + 1), 1));
    assertThat(HappyEyeballs.interleave(List.of(many))).hasSize(16);
  }

  @Test
  void triesTheNextAddressIfOneRefuses() throws Exception {
    try (ServerSocket open = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.2"))) {
      int port = open.getLocalPort();
      Future<Channel> race = race(60_000, at("127.0.0.1", port), at("127.0.0.2", port));
      assertThat(race.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(race.getNow().remoteAddress()).isEqualTo(at("127.0.0.2", port));
      race.getNow().close().sync();
    }
  }

  @Test
  void reachesIpv4WhereIpv6Refuses() throws Exception {
    try (ServerSocket open = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"))) {
      int port = open.getLocalPort();
      Future<Channel> race = race(60_000, at("::1", port), at("127.0.0.1", port));
      assertThat(race.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(race.getNow().remoteAddress()).isEqualTo(at("127.0.0.1", port));
      race.getNow().close().sync();
    }
  }

  @Test
  void doesNotWaitForASilentAddress() throws Exception {
    try (Silent silent = new Silent("127.0.0.1", 0);
        ServerSocket open =
            new ServerSocket(
                silent.server.getLocalPort(), 10, InetAddress.getByName("127.0.0.2"))) {
      int port = open.getLocalPort();
      // The silent address may take a minute, so a race that waits for it exceeds ten seconds.
      Future<Channel> race = race(60_000, at("127.0.0.1", port), at("127.0.0.2", port));
      assertThat(race.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(race.getNow().remoteAddress()).isEqualTo(at("127.0.0.2", port));
      await().until(() -> attempts.stream().filter(Channel::isOpen).count() == 1);
      assertThat(attempts).hasSize(2);
      race.getNow().close().sync();
      assertThat(silent.server.isBound()).isTrue();
    }
  }

  @Test
  void namesTheRefusingAddressOnce() throws Exception {
    int port;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      port = closed.getLocalPort();
    }
    InetAddress named = InetAddress.getByAddress("origin.test", new byte[] {127, 0, 0, 1});
    Future<Channel> race = race(5_000, new InetSocketAddress(named, port));
    assertThat(race.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(race.cause()).hasMessageMatching("Connection refused \\(127\\.0\\.0\\.1\\)");
  }

  @Test
  void reportsAMissingNetworkRoute() throws Exception {
    // The kernel has no route to a multicast address for TCP.
    Future<Channel> race = race(5_000, at("224.0.0.5", 443));
    assertThat(race.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(race.cause())
        .hasMessageMatching("(No route to host|Network is unreachable.*) \\(224\\.0\\.0\\.5\\)");
  }

  @Test
  void boundsTheTimeOfEachAddressAndNamesThemAll() throws Exception {
    try (Silent silent = new Silent("127.0.0.1", 0)) {
      int port = silent.server.getLocalPort();
      Future<Channel> race = race(300, at("127.0.0.1", port), at("127.0.0.2", port));
      assertThat(race.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(race.cause())
          .hasMessageContaining("no response in time (127.0.0.1)")
          .hasMessageMatching(".*[Rr]efused.* \\(127\\.0\\.0\\.2\\).*");
    }
  }

  @Test
  void listsTheAddressesOfEachCause() throws Exception {
    int port;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      port = closed.getLocalPort();
    }
    Future<Channel> race = race(5_000, at("127.0.0.1", port), at("127.0.0.2", port));
    assertThat(race.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(race.cause()).hasMessageEndingWith(" (127.0.0.1, 127.0.0.2)");
  }

  @Test
  void closesItsAttemptsWhenCancelled() throws Exception {
    try (Silent silent = new Silent("127.0.0.1", 0)) {
      Future<Channel> race = race(60_000, at("127.0.0.1", silent.server.getLocalPort()));
      race.cancel(false);
      await().until(race::isDone);
      assertThat(race.isCancelled()).isTrue();
      await().until(() -> attempts.stream().noneMatch(Channel::isOpen));
      assertThat(attempts).hasSize(1);
    }
  }
}
