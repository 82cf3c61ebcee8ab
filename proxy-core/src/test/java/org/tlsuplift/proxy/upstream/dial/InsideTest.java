package org.tlsuplift.proxy.upstream.dial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.AddressScope;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.PrivateAddresses;
import org.tlsuplift.proxy.route.UpstreamProxy;
import org.tlsuplift.proxy.testing.FixedNames;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.tls.OriginTrust;
import org.tlsuplift.proxy.tls.TlsContexts;
import org.tlsuplift.proxy.upstream.UpstreamConnector;

/** An answer of the DNS server cannot lead a name into the local network. */
class InsideTest {
  private static final EventLoopGroup LOOPS =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private static final AddressScope WILDCARD =
      new AddressScope(false, PrivateAddresses.WHERE_NAMED);

  @AutoClose private final ServerSocket inside = listening();

  private static ServerSocket listening() {
    try {
      return new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    } catch (IOException broken) {
      throw new IllegalStateException(broken);
    }
  }

  @AfterAll
  static void stop() {
    LOOPS.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private Future<OriginConnection> dial(
      AddressScope scope, SourceAddresses sources, Egress egress, String host, String... answer)
      throws Exception {
    try (FixedNames resolvers = new FixedNames(answer)) {
      UpstreamSpec spec =
          new UpstreamSpec(
              Duration.ofSeconds(3),
              Duration.ofSeconds(1),
              Duration.ofSeconds(3),
              UpstreamSpec.REPLY_TIMEOUT,
              sources,
              egress,
              RevocationMode.STAPLED,
              PrivateAddresses.WHERE_NAMED,
              0,
              true);
      Future<OriginConnection> dialled =
          new UpstreamConnector(
                  spec,
                  new TlsContexts(
                      OriginTrust.of(List.of(TestAuthority.create().certificate())),
                      TlsVersion.TLS_1_3),
                  NioSocketChannel.class,
                  resolvers,
                  address -> false,
                  origin -> egress,
                  origin -> scope,
                  List.of())
              .connect(DialContext.itself(LOOPS.next()), new HostPort(host, inside.getLocalPort()));
      assertThat(dialled.await(60, TimeUnit.SECONDS)).isTrue();
      return dialled;
    }
  }

  private void assertNoConnection() throws Exception {
    inside.setSoTimeout(100);
    assertThat(catchThrowable(inside::accept)).isInstanceOf(SocketTimeoutException.class);
  }

  private static void assertRefused(Future<OriginConnection> dialled, String detail) {
    assertThat(dialled.cause())
        .isInstanceOfSatisfying(
            OriginUnavailableException.class,
            refused -> {
              assertThat(refused.reason()).isEqualTo(CloseReason.ORIGIN_ADDRESS_REFUSED);
              assertThat(refused).hasMessageContaining("name it in 'routes'");
              assertThat(refused).hasMessageContaining(detail);
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::ffff:127.0.0.1", "10.0.0.1", "169.254.169.254"})
  void refusesANameWithAPrivateAddress(String address) throws Exception {
    assertRefused(
        dial(WILDCARD, SourceAddresses.ANY, Egress.DIRECT, "rebound.example", address),
        "its address ");
    assertNoConnection();
  }

  @Test
  void refusesAPrivateAddressThatOnlyAWildcardAllows() throws Exception {
    assertRefused(
        dial(WILDCARD, SourceAddresses.ANY, Egress.DIRECT, "127.0.0.1", "127.0.0.1"),
        "its address 127.0.0.1 is loopback");
    assertNoConnection();
  }

  /** No packet leaves this machine, because loopback cannot reach other networks. */
  @Test
  void skipsPrivateAddressesOfAMixedName() throws Exception {
    Future<OriginConnection> dialled =
        dial(
            WILDCARD,
            new SourceAddresses((Inet4Address) InetAddress.getByName("127.0.0.1"), null),
            Egress.DIRECT,
            "rebound.example",
            "127.0.0.1",
            "52.96.0.1",
            "10.0.0.1");
    assertThat(dialled.cause())
        .isInstanceOfSatisfying(
            OriginUnavailableException.class,
            failed -> assertThat(failed.reason()).isEqualTo(CloseReason.ORIGIN_UNREACHABLE))
        .hasMessageContaining("52.96.0.1")
        .hasMessageNotContaining("10.0.0.1");
    assertNoConnection();
  }

  @Test
  void connectsToANamedHostWithAPrivateAddress() throws Exception {
    Future<OriginConnection> dialled =
        dial(
            new AddressScope(true, PrivateAddresses.WHERE_NAMED),
            SourceAddresses.ANY,
            Egress.DIRECT,
            "intranet.example",
            "127.0.0.1");
    assertThat(dialled.cause()).isNull();
    dialled.getNow().channel().close().syncUninterruptibly();
  }

  /**
   * The operator set the proxy's name. The proxy resolves origins, but an address literal is known
   * here.
   */
  @Test
  void usesAPrivateProxyForNamesButNotForPrivateAddresses() throws Exception {
    Egress egress =
        new Egress(
            new UpstreamProxy(
                UpstreamProxy.Protocol.HTTP,
                new HostPort("proxy.example", inside.getLocalPort()),
                null),
            false);
    assertRefused(
        dial(WILDCARD, SourceAddresses.ANY, egress, "10.0.0.1", "127.0.0.1"),
        "its address 10.0.0.1 is private");
    assertNoConnection();
    inside.setSoTimeout(60_000);
    Thread answering =
        new Thread(
            () -> {
              try (Socket proxy = inside.accept()) {
                proxy.getInputStream().read(new byte[1000]);
                proxy
                    .getOutputStream()
                    .write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                proxy.getInputStream().read();
              } catch (IOException ended) {
                // The test has ended.
              }
            });
    answering.start();
    Future<OriginConnection> dialled =
        dial(WILDCARD, SourceAddresses.ANY, egress, "rebound.example", "127.0.0.1");
    assertThat(dialled.cause()).isNull();
    dialled.getNow().channel().close().syncUninterruptibly();
    answering.join(20_000);
  }
}
