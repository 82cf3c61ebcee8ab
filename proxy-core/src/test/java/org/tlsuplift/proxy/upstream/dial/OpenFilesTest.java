package org.tlsuplift.proxy.upstream.dial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.channel.ChannelException;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ReflectiveChannelFactory;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.DefaultAddressResolverGroup;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.AddressScope;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.PrivateAddresses;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.tls.OriginTrust;
import org.tlsuplift.proxy.tls.TlsContexts;
import org.tlsuplift.proxy.upstream.UpstreamConnector;

/** Too many open files in this process are not reported as a failure of the origin. */
class OpenFilesTest {
  /** A channel for which the system provides no socket. */
  public static final class Unavailable extends NioSocketChannel {
    /** Fails as Netty does. */
    public Unavailable() {
      super(refused());
    }

    private static SocketChannel refused() {
      throw failure();
    }

    private static ChannelException failure() {
      return new ChannelException(
          "Failed to open a socket.", new SocketException("Too many open files"));
    }
  }

  /** Each resolution opens a socket too. */
  @Test
  void aNameThatCannotBeResolvedNamesTheLimit() throws Exception {
    try (AddressResolverGroup<InetSocketAddress> resolvers =
        OriginResolvers.create(
            new QueryChannels(
                () -> {
                  throw Unavailable.failure();
                }),
            new SingletonDnsServerAddressStreamProvider(SystemNameServers.THIS_MACHINE),
            new DnsNameResolverBuilder())) {
      assertNamesTheLimit(resolvers, "origin.example");
    }
  }

  private static Stream<Transport> transports() {
    return Stream.of(Transport.values()).filter(Transport::isAvailable);
  }

  /** Netty would log a stack trace for each resolution. */
  @ParameterizedTest
  @MethodSource("transports")
  void manyNamesThatCannotBeResolvedAreOneLine(Transport transport) throws Exception {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    root.addAppender(log);
    AtomicBoolean full = new AtomicBoolean(true);
    QueryChannels channels =
        new QueryChannels(
            () -> {
              if (full.get()) {
                throw Unavailable.failure();
              }
              return new ReflectiveChannelFactory<>(transport.datagramChannel()).newChannel();
            });
    EventLoopGroup loops = transport.newEventLoops(1);
    try (TestNameServer server = new TestNameServer();
        AddressResolverGroup<InetSocketAddress> resolvers =
            OriginResolvers.create(
                channels,
                new SingletonDnsServerAddressStreamProvider(server.address()),
                new DnsNameResolverBuilder()
                    .resolvedAddressTypes(ResolvedAddressTypes.IPV4_ONLY)
                    .searchDomains(List.of()))) {
      for (int i = 0; i < 20; i++) {
        Future<InetSocketAddress> failed = resolve(resolvers, loops, "origin" + i + ".example");
        assertThat(failed.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(OpenFiles.areTooMany(failed.cause())).isTrue();
      }
      full.set(false);
      assertThat(resolve(resolvers, loops, "origin.example").get(20, TimeUnit.SECONDS)).isNotNull();
      await().untilAsserted(() -> assertThat(channels.open()).isZero());
    } finally {
      loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
      root.detachAppender(log);
    }
    assertThat(log.list)
        .filteredOn(line -> line.getLevel().isGreaterOrEqual(Level.WARN))
        .singleElement()
        .satisfies(
            line -> {
              assertThat(line.getThrowableProxy()).isNull();
              assertThat(line.getFormattedMessage())
                  .isEqualTo(
                      "names cannot be resolved: this process has too many open files; "
                          + OpenFiles.REMEDY);
            });
  }

  private static Future<InetSocketAddress> resolve(
      AddressResolverGroup<InetSocketAddress> resolvers, EventLoopGroup loops, String host) {
    return resolvers
        .getResolver(loops.next())
        .resolve(InetSocketAddress.createUnresolved(host, 443));
  }

  @Test
  void aConnectionThatCannotBeOpenedNamesTheLimit() throws Exception {
    assertNamesTheLimit(DefaultAddressResolverGroup.INSTANCE, "127.0.0.1");
  }

  private static void assertNamesTheLimit(
      AddressResolverGroup<InetSocketAddress> resolvers, String host) throws Exception {
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    try {
      Future<OriginConnection> dialled =
          new UpstreamConnector(
                  new UpstreamSpec(
                      Duration.ofSeconds(3),
                      Duration.ofSeconds(1),
                      Duration.ofSeconds(3),
                      UpstreamSpec.REPLY_TIMEOUT,
                      SourceAddresses.ANY,
                      Egress.DIRECT,
                      RevocationMode.STAPLED,
                      PrivateAddresses.WHERE_NAMED,
                      0,
                      true),
                  new TlsContexts(
                      OriginTrust.of(List.of(TestAuthority.create().certificate())),
                      TlsVersion.TLS_1_3),
                  Unavailable.class,
                  resolvers,
                  address -> false,
                  origin -> Egress.DIRECT,
                  origin -> AddressScope.ANY,
                  List.of())
              .connect(DialContext.itself(loops.next()), new HostPort(host, 443));
      assertThat(dialled.await(60, TimeUnit.SECONDS)).isTrue();
      assertThat(dialled.cause())
          .isInstanceOfSatisfying(
              OriginUnavailableException.class,
              failed -> assertThat(failed.reason()).isEqualTo(CloseReason.SESSION_LIMIT))
          .hasMessageContaining("LimitNOFILE")
          .hasMessageContaining("ulimit -n")
          .hasMessageContaining(": this process has too many open files to connect; ")
          .hasMessageNotContaining("unreachable");
    } finally {
      loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
  }
}
