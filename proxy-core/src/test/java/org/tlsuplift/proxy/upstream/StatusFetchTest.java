package org.tlsuplift.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.route.AddressScope;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.PrivateAddresses;
import org.tlsuplift.proxy.testing.FixedNames;
import org.tlsuplift.proxy.upstream.dial.OriginDialer;
import org.tlsuplift.proxy.upstream.dial.RevocationMode;
import org.tlsuplift.proxy.upstream.dial.SourceAddresses;
import org.tlsuplift.proxy.upstream.dial.UpstreamSpec;

/** Issuers have IPv4 and IPv6 addresses, and often this machine reaches only one of them. */
class StatusFetchTest {
  private static final EventLoopGroup LOOPS =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private static final byte[] STATUS = "good".getBytes(StandardCharsets.US_ASCII);

  /** Refuses the connection, as an address of an IP version that this machine does not have. */
  private static final String UNREACHABLE = "127.0.0.2";

  private HttpServer issuer;

  @BeforeEach
  void start() throws IOException {
    issuer = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
    issuer.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, STATUS.length);
          exchange.getResponseBody().write(STATUS);
          exchange.close();
        });
    issuer.start();
  }

  @AfterEach
  void stopIssuer() {
    issuer.stop(0);
  }

  @AfterAll
  static void stop() {
    LOOPS.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private Future<byte[]> fetch(boolean inside, String... addresses) throws Exception {
    try (FixedNames resolvers = new FixedNames(addresses)) {
      UpstreamSpec spec =
          new UpstreamSpec(
              Duration.ofSeconds(60),
              Duration.ofSeconds(60),
              Duration.ofSeconds(60),
              UpstreamSpec.REPLY_TIMEOUT,
              SourceAddresses.ANY,
              Egress.DIRECT,
              RevocationMode.SOFT,
              PrivateAddresses.WHERE_NAMED,
              0,
              true);
      OriginDialer dial =
          new OriginDialer(
              spec,
              NioSocketChannel.class,
              resolvers,
              address -> false,
              host -> Egress.DIRECT,
              host -> AddressScope.ANY);
      EventLoop loop = LOOPS.next();
      Future<byte[]> answer =
          new StatusFetch(dial, new StatusAddresses(inside), Duration.ofSeconds(60))
              .fetch(
                  loop,
                  "http://issuer.example:" + issuer.getAddress().getPort() + "/ocsp",
                  null,
                  1024);
      assertThat(answer.await(60, TimeUnit.SECONDS)).isTrue();
      return answer;
    }
  }

  @Test
  void asksTheNextAddressWhenTheFirstCannotBeReached() throws Exception {
    assertThat(fetch(true, UNREACHABLE, "127.0.0.1").getNow()).isEqualTo(STATUS);
  }

  @Test
  void refusesAnIssuerThatHasOnlyPrivateAddresses() throws Exception {
    assertThat(fetch(false, "127.0.0.1", "10.0.0.1").cause()).hasMessage(StatusAddresses.REFUSED);
  }
}
