package org.tlsuplift.proxy.upstream.dial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.upstream.dial.TestNameServer.Query;

/** A host that cannot read the queries cannot forge a response to them (RFC 5452). */
class ForgedDnsResponseTest {
  private static final EventLoopGroup LOOPS =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private static final int NAMES = 24;
  private static final int MAX_OPEN = 30;

  /** Long, so that its case cannot be guessed, or be in lower case by chance. */
  private static final String DOMAIN = ".a-name-with-a-hundred-letters-is-hard-to-guess.example.";

  private static final String TRUE = "192.0.2.1";
  private static final String FORGED = "192.0.2.66";
  private static final int TTL = 60;

  @AutoClose private final TestNameServer server = new TestNameServer();

  private final QueryChannels channels = new QueryChannels(NioDatagramChannel::new, MAX_OPEN);

  @AutoClose private final AddressResolverGroup<InetSocketAddress> resolvers = resolvers(15_000);

  private AddressResolverGroup<InetSocketAddress> resolvers(int timeoutMillis) {
    return OriginResolvers.create(
        channels,
        new SingletonDnsServerAddressStreamProvider(server.address()),
        new DnsNameResolverBuilder()
            .socketChannelType(NioSocketChannel.class)
            .resolvedAddressTypes(ResolvedAddressTypes.IPV4_ONLY)
            .searchDomains(List.of())
            .queryTimeoutMillis(timeoutMillis));
  }

  @AfterAll
  static void stop() {
    LOOPS.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  @AfterEach
  void closesItsChannels() {
    await().untilAsserted(() -> assertThat(channels.open()).isZero());
  }

  private Future<List<InetSocketAddress>> start(String host) {
    return start(resolvers, host);
  }

  private static Future<List<InetSocketAddress>> start(
      AddressResolverGroup<InetSocketAddress> resolvers, String host) {
    return resolvers
        .getResolver(LOOPS.next())
        .resolveAll(InetSocketAddress.createUnresolved(host + DOMAIN, 443));
  }

  private String resolved(String host) throws Exception {
    return start(host).get(20, TimeUnit.SECONDS).get(0).getAddress().getHostAddress();
  }

  private void resolveMany() throws Exception {
    for (int i = 0; i < NAMES; i++) {
      assertThat(resolved("host" + i)).isEqualTo(TRUE);
    }
    assertThat(server.received).hasSize(NAMES);
  }

  private Query awaitQuery(String host) {
    await()
        .until(
            () -> server.received.stream().anyMatch(query -> lower(query).startsWith(host + ".")));
    return server.received.stream()
        .filter(query -> lower(query).startsWith(host + "."))
        .findFirst()
        .orElseThrow();
  }

  private static String lower(Query query) {
    return query.name().toLowerCase(Locale.ROOT);
  }

  @Test
  void asksFromAnotherPortForEachResolution() throws Exception {
    resolveMany();
    assertThat(server.received.stream().map(query -> query.from().getPort()).distinct().count())
        .as("a random port may repeat")
        .isGreaterThan(NAMES - 6);
  }

  @Test
  void usesAllBitsOfTheId() throws Exception {
    resolveMany();
    for (int bit = 0; bit < Character.SIZE; bit++) {
      int mask = 1 << bit;
      assertThat(server.received.stream().map(query -> query.id() & mask).distinct())
          .as("bit %s", bit)
          .hasSize(2);
    }
  }

  @Test
  void asksForNamesInRandomCase() throws Exception {
    resolveMany();
    assertThat(server.received.stream().map(query -> query.name().substring(8)).distinct())
        .hasSize(NAMES);
  }

  @Test
  void ignoresAWrongIdFromTheRightServerAtTheRightPort() throws Exception {
    server.responses =
        query ->
            IntStream.concat(
                    IntStream.range(1, 200).map(other -> query.id() + other),
                    IntStream.of(query.id()))
                .mapToObj(
                    id ->
                        query.withId(id).response((id & 0xffff) == query.id() ? TRUE : FORGED, TTL))
                .toList();
    assertThat(resolved("host")).isEqualTo(TRUE);
  }

  @Test
  void ignoresAResponseAtThePortOfAnotherResolution() throws Exception {
    server.silent = true;
    Future<List<InetSocketAddress>> one = start("one");
    Future<List<InetSocketAddress>> two = start("two");
    Query first = awaitQuery("one");
    Query second = awaitQuery("two");
    server.send(first.response(FORGED, TTL), second.from());
    server.send(second.response(TRUE, TTL), second.from());
    two.get(20, TimeUnit.SECONDS);
    server.send(first.response(TRUE, TTL), first.from());
    assertThat(one.get(20, TimeUnit.SECONDS).get(0).getAddress().getHostAddress()).isEqualTo(TRUE);
  }

  @Test
  void ignoresAnswersToOtherQuestionsAndFragments() throws Exception {
    server.responses =
        query ->
            List.of(
                new byte[0],
                new byte[11],
                new byte[] {
                  (byte) (query.id() >> 8), (byte) query.id(), 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 63
                },
                new Query(query.id(), new byte[] {1, 'x', 0, 0, 1, 0, 1}, query.from())
                    .response(FORGED, TTL),
                query.response(TRUE, TTL));
    assertThat(resolved("host")).isEqualTo(TRUE);
  }

  @Test
  void asksAServerThatKeepsTheCaseOverTcpAfterAResponseInAnotherCase() throws Exception {
    assertThat(resolved("before")).isEqualTo(TRUE);
    server.responses = query -> List.of(query.inLowerCase().response(FORGED, TTL));
    assertThat(resolved("host")).isEqualTo(TRUE);
    assertThat(server.tcpQueries).hasValue(1);
  }

  @Test
  void asksOverTcpOnceWhileForgedResponsesArrive() throws Exception {
    assertThat(resolved("before")).isEqualTo(TRUE);
    server.responses =
        query ->
            IntStream.range(0, 50)
                .mapToObj(i -> query.inLowerCase().response(FORGED, TTL))
                .toList();
    assertThat(resolved("host")).isEqualTo(TRUE);
    assertThat(server.tcpQueries).hasValue(1);
  }

  @Test
  void acceptsAServerThatNeverKeepsTheCase() throws Exception {
    server.responses = query -> List.of(query.inLowerCase().response(TRUE, TTL));
    assertThat(resolved("one")).isEqualTo(TRUE);
    assertThat(resolved("two")).isEqualTo(TRUE);
    assertThat(server.tcpQueries).as("no detour").hasValue(0);
  }

  @Test
  void asksOverTcpAfterATruncatedResponse() throws Exception {
    server.responses = query -> List.of(query.truncated());
    assertThat(resolved("host")).isEqualTo(TRUE);
    assertThat(server.tcpQueries).hasValue(1);
  }

  @Test
  void closesTheChannelIfNoServerResponds() {
    server.silent = true;
    try (AddressResolverGroup<InetSocketAddress> impatient = resolvers(500)) {
      assertThatThrownBy(() -> start(impatient, "host").get(20, TimeUnit.SECONDS))
          .hasMessageContaining("Failed to resolve");
    }
  }

  @Test
  void opensALimitedNumberOfChannels() throws Exception {
    server.silent = true;
    List<Future<List<InetSocketAddress>>> waiting =
        IntStream.range(0, MAX_OPEN).mapToObj(i -> start("host" + i)).toList();
    assertThat(channels.open()).isEqualTo(MAX_OPEN);
    await().untilAsserted(() -> assertThat(server.received).hasSize(MAX_OPEN));
    assertThatThrownBy(() -> resolved("more")).hasMessageContaining("Failed to resolve");
    for (int i = 0; i < MAX_OPEN; i++) {
      Query query = awaitQuery("host" + i);
      server.send(query.response(TRUE, TTL), query.from());
    }
    for (Future<List<InetSocketAddress>> each : waiting) {
      assertThat(each.get(20, TimeUnit.SECONDS)).hasSize(1);
    }
  }
}
