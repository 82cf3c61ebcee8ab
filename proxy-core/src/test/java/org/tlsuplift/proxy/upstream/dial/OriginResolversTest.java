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
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.model.Explanation;
import org.tlsuplift.proxy.testing.OneJdk;

/** Names that sessions use are resolved again before their addresses end. */
@OneJdk
class OriginResolversTest {
  private static final EventLoopGroup LOOPS =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private static final String NAME = "origin.example";

  @AutoClose private final TestNameServer server = new TestNameServer();

  @AutoClose
  private final AddressResolverGroup<InetSocketAddress> resolvers =
      OriginResolvers.create(
          new QueryChannels(NioDatagramChannel::new),
          new SingletonDnsServerAddressStreamProvider(server.address()),
          new DnsNameResolverBuilder()
              .resolvedAddressTypes(ResolvedAddressTypes.IPV4_ONLY)
              .queryTimeoutMillis(5_000));

  @AfterAll
  static void stop() {
    LOOPS.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private List<String> resolved() throws Exception {
    return resolvers
        .getResolver(LOOPS.next())
        .resolveAll(InetSocketAddress.createUnresolved(NAME, 443))
        .get(60, TimeUnit.SECONDS)
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

  private static Explanation unresolved(
      QueryChannels channels, InetSocketAddress server, String... searchDomains) {
    try (AddressResolverGroup<InetSocketAddress> impatient =
        OriginResolvers.create(
            channels,
            new SingletonDnsServerAddressStreamProvider(server),
            new DnsNameResolverBuilder()
                .searchDomains(List.of(searchDomains))
                .queryTimeoutMillis(300))) {
      return OriginResolvers.explain(
          impatient
              .getResolver(LOOPS.next())
              .resolveAll(InetSocketAddress.createUnresolved(NAME, 443))
              .awaitUninterruptibly()
              .cause());
    }
  }

  private Explanation unresolved(String... searchDomains) {
    return unresolved(new QueryChannels(NioDatagramChannel::new), server.address(), searchDomains);
  }

  @Test
  void namesTheServerThatDoesNotRespond() {
    server.silent = true;
    for (Explanation why : List.of(unresolved(), unresolved("corp.example"))) {
      assertThat(why.cause()).isEqualTo("the DNS server 127.0.0.1 does not respond");
      assertThat(why.remedy())
          .isEqualTo("check the DNS servers in /etc/resolv.conf and the network path to them");
    }
  }

  @Test
  void namesTheServerThatCannotBeReached() {
    Explanation why =
        unresolved(
            new QueryChannels(NioDatagramChannel::new),
            new InetSocketAddress("255.255.255.255", 53));
    assertThat(why.cause()).startsWith("the DNS server 255.255.255.255 cannot be reached: ");
  }

  @ParameterizedTest
  @CsvSource({
    "0, DNS returns no address",
    "2, the DNS server reports ServFail(2)",
    "3, DNS does not know the name",
    "5, DNS returns no address"
  })
  void explainsResponsesWithoutAddressInPlainWords(byte code, String cause) {
    server.responses =
        query -> {
          byte[] response = query.withoutAddress();
          response[3] |= code;
          return List.of(response);
        };
    assertThat(unresolved().text()).isEqualTo(cause);
  }

  @Test
  void explainsALookupThatTakesTooLong() {
    assertThat(OriginResolvers.explain(null).text())
        .startsWith("no DNS server responds in time; check the DNS servers in ");
  }
}
