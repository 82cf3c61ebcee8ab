package org.tlsuplift.proxy.upstream.dial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** Names that sessions use are resolved again before their addresses end. */
class OriginResolversTest {
  private static final EventLoopGroup LOOPS =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private static final String NAME = "origin.example";

  @AutoClose private final DnsServer server = new DnsServer();

  @AutoClose
  private final AddressResolverGroup<InetSocketAddress> resolvers =
      OriginResolvers.create(
          new DnsNameResolverBuilder()
              .datagramChannelType(NioDatagramChannel.class)
              .resolvedAddressTypes(ResolvedAddressTypes.IPV4_ONLY)
              .queryTimeoutMillis(500)
              .nameServerProvider(new SingletonDnsServerAddressStreamProvider(server.address())));

  @AfterAll
  static void stop() {
    LOOPS.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private List<String> resolved() throws Exception {
    return resolvers
        .getResolver(LOOPS.next())
        .resolveAll(InetSocketAddress.createUnresolved(NAME, 443))
        .get(20, TimeUnit.SECONDS)
        .stream()
        .map(address -> address.getAddress().getHostAddress())
        .toList();
  }

  @Test
  void asksAgainForANameInUseBeforeItsAddressesEnd() throws Exception {
    assertThat(resolved()).containsExactly("192.0.2.1");
    assertThat(resolved()).as("in use").containsExactly("192.0.2.1");
    assertThat(server.queries).as("from the cache").hasValue(1);

    server.answer = "192.0.2.2";
    await().untilAsserted(() -> assertThat(server.queries).hasValue(2));
    await().untilAsserted(() -> assertThat(resolved()).containsExactly("192.0.2.2"));
    assertThat(server.queries).as("no session asked").hasValue(2);

    await().untilAsserted(() -> assertThat(server.queries).as("and again").hasValue(3));
  }

  @Test
  void keepsTheAddressesOfANameWhenItsServerFails() throws Exception {
    // So that two seconds are left after the query.
    server.ttlSeconds = 8;
    assertThat(resolved()).containsExactly("192.0.2.1");
    assertThat(resolved()).containsExactly("192.0.2.1");
    server.silent = true;
    await().until(() -> server.queries.get() > 1);
    assertThat(resolved()).containsExactly("192.0.2.1");
  }

  @Test
  void forgetsANameThatNoSessionUsesAgain() throws Exception {
    assertThat(resolved()).containsExactly("192.0.2.1");
    await()
        .during(Duration.ofSeconds(server.ttlSeconds))
        .atMost(Duration.ofSeconds(server.ttlSeconds + 5))
        .untilAsserted(() -> assertThat(server.queries).hasValue(1));
  }

  /** Answers each query for an address with one, on loopback. */
  private static final class DnsServer implements AutoCloseable {
    private final DatagramSocket socket;
    final AtomicInteger queries = new AtomicInteger();
    volatile String answer = "192.0.2.1";
    volatile int ttlSeconds = 4;
    volatile boolean silent;

    DnsServer() {
      try {
        socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
      } catch (IOException taken) {
        throw new IllegalStateException(taken);
      }
      Thread thread = new Thread(this::serve, "dns");
      thread.setDaemon(true);
      thread.start();
    }

    InetSocketAddress address() {
      return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    private void serve() {
      DatagramPacket query = new DatagramPacket(new byte[512], 512);
      while (!socket.isClosed()) {
        try {
          socket.receive(query);
          queries.incrementAndGet();
          if (!silent) {
            byte[] reply = reply(ByteBuffer.wrap(query.getData(), 0, query.getLength()));
            socket.send(new DatagramPacket(reply, reply.length, query.getSocketAddress()));
          }
        } catch (IOException closed) {
          return;
        }
      }
    }

    /** One A record (RFC 1035 section 4.1). */
    private byte[] reply(ByteBuffer query) throws IOException {
      int end = 12;
      while (query.get(end) != 0) {
        end += query.get(end) + 1;
      }
      byte[] question = new byte[end + 5 - 12];
      query.get(12, question);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream reply = new DataOutputStream(bytes);
      reply.writeShort(query.getShort(0));
      reply.writeShort(0x8180);
      reply.writeShort(1);
      reply.writeShort(1);
      reply.writeInt(0);
      reply.write(question);
      reply.writeShort(0xc00c);
      reply.writeShort(1);
      reply.writeShort(1);
      reply.writeInt(ttlSeconds);
      reply.writeShort(4);
      reply.write(InetAddress.getByName(answer).getAddress());
      return bytes.toByteArray();
    }

    @Override
    public void close() {
      socket.close();
    }
  }
}
