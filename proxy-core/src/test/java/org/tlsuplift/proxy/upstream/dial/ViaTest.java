package org.tlsuplift.proxy.upstream.dial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.mail.MailService;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.route.AddressScope;
import org.tlsuplift.proxy.route.Egress;
import org.tlsuplift.proxy.route.PrivateAddresses;
import org.tlsuplift.proxy.route.UpstreamProxy;
import org.tlsuplift.proxy.testing.MailOriginServer;
import org.tlsuplift.proxy.testing.MailTalk;
import org.tlsuplift.proxy.testing.TestAuthority;
import org.tlsuplift.proxy.tls.OriginTrust;
import org.tlsuplift.proxy.tls.TlsContexts;
import org.tlsuplift.proxy.upstream.UpstreamConnector;

/** Upstream proxies with valid and invalid responses. */
@Timeout(300)
class ViaTest {
  private static final String SECRET = "Geheimnis";
  private static final UpstreamProxy.Credentials SCANNER =
      new UpstreamProxy.Credentials("scanner", SECRET);
  private static final HostPort ORIGIN = new HostPort("smtp.only-there.example", 587);
  private static final String OK = "HTTP/1.1 200 Connection established\r\n\r\n";

  private static EventLoopGroup loops;
  private static TlsContexts contexts;
  private static AddressResolverGroup<InetSocketAddress> resolvers;

  private final List<String> heard = new CopyOnWriteArrayList<>();
  private @Nullable MailOriginServer proxy;
  private Predicate<InetSocketAddress> isSelf = address -> false;
  private SourceAddresses sources = SourceAddresses.ANY;

  @BeforeAll
  static void start() {
    loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    resolvers =
        OriginResolvers.create(
            NioDatagramChannel.class, NioSocketChannel.class, Duration.ofSeconds(3));
    contexts =
        new TlsContexts(
            OriginTrust.of(List.of(TestAuthority.create().certificate())), TlsVersion.TLS_1_3);
  }

  @AfterAll
  static void stop() {
    resolvers.close();
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  @AfterEach
  void close() {
    if (proxy != null) {
      proxy.close();
    }
  }

  /**
   * A proxy that reads the head of a request, sends this response, and waits for the peer's end.
   */
  private HostPort http(String answer) {
    return proxy(
        talk -> {
          for (String line = talk.hear(); !line.isEmpty(); line = talk.hear()) {
            heard.add(line);
          }
          talk.send(answer);
          talk.atEnd();
        });
  }

  private HostPort proxy(MailOriginServer.Script script) {
    proxy = new MailOriginServer(script);
    return proxy.as("localhost");
  }

  private UpstreamConnector connector(Egress egress) {
    UpstreamSpec spec =
        new UpstreamSpec(
            Duration.ofMillis(700),
            Duration.ofMillis(700),
            Duration.ofSeconds(3),
            UpstreamSpec.REPLY_TIMEOUT,
            sources,
            egress,
            RevocationMode.STAPLED,
            PrivateAddresses.WHERE_NAMED,
            0,
            true);
    return new UpstreamConnector(
        spec,
        contexts,
        NioSocketChannel.class,
        resolvers,
        isSelf,
        origin -> egress,
        origin -> AddressScope.ANY,
        List.of());
  }

  private Future<OriginConnection> dial(Egress egress) {
    return connector(egress).connect(DialContext.itself(loops.next()), ORIGIN);
  }

  private OriginConnection connected(Egress egress) throws InterruptedException {
    Future<OriginConnection> dialled = dial(egress);
    assertThat(dialled.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(dialled.cause()).isNull();
    return dialled.getNow();
  }

  private void assertFails(Egress egress, CloseReason reason, String detail)
      throws InterruptedException {
    Future<OriginConnection> dialled = dial(egress);
    assertThat(dialled.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(dialled.cause()).isInstanceOf(OriginUnavailableException.class);
    OriginUnavailableException failure = (OriginUnavailableException) dialled.cause();
    assertThat(failure).hasMessageStartingWith(ORIGIN + ": ").hasMessageContaining(detail);
    assertThat(failure.reason()).isEqualTo(reason);
    assertThat(failure.getMessage()).doesNotContain(SECRET).doesNotContain("\n");
  }

  private static Egress http(HostPort address, UpstreamProxy.@Nullable Credentials credentials) {
    return new Egress(new UpstreamProxy(UpstreamProxy.Protocol.HTTP, address, credentials), false);
  }

  private static Egress socks(HostPort address, UpstreamProxy.@Nullable Credentials credentials) {
    return new Egress(
        new UpstreamProxy(UpstreamProxy.Protocol.SOCKS5, address, credentials), false);
  }

  /** Collects the channel's data when it reads. */
  private static Queue<String> reading(Channel channel) {
    Queue<String> read = new ConcurrentLinkedQueue<>();
    channel
        .pipeline()
        .addBefore(
            UpstreamInitializer.HOLD,
            "collector",
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext ctx, Object message) {
                ByteBuf bytes = (ByteBuf) message;
                read.add(bytes.toString(StandardCharsets.ISO_8859_1));
                bytes.release();
              }
            });
    return read;
  }

  @Test
  void asksByConnectForTheNameAndSignsIn() throws Exception {
    OriginConnection origin = connected(http(http(OK), SCANNER));
    String basic =
        Base64.getEncoder()
            .encodeToString(("scanner:" + SECRET).getBytes(StandardCharsets.US_ASCII));
    assertThat(heard)
        .contains(
            "CONNECT " + ORIGIN + " HTTP/1.1",
            "host: " + ORIGIN,
            "proxy-authorization: Basic " + basic);
    origin.channel().close().await();
  }

  @Test
  void doesNotSignInWithoutCredentials() throws Exception {
    connected(http(http(OK), null)).channel().close().await();
    assertThat(heard).hasSize(2).noneMatch(line -> line.contains("authorization"));
  }

  @Test
  void leavesNothingInThePipeline() throws Exception {
    Channel channel = connected(http(http(OK), null)).channel();
    channel.read();
    await()
        .untilAsserted(
            () ->
                assertThat(channel.pipeline().names())
                    .hasSize(2)
                    .startsWith(UpstreamInitializer.HOLD));
    channel.close().await();
  }

  @Test
  void keepsBytesThatFollowTheResponse() throws Exception {
    Channel channel = connected(http(http(OK + "220 early\r\n"), null)).channel();
    Queue<String> read = reading(channel);
    assertThat(read).isEmpty();
    channel.read();
    await().untilAsserted(() -> assertThat(read).containsExactly("220 early\r\n"));
    assertThat(channel.pipeline().names()).doesNotContain(UpstreamInitializer.EARLY);
    channel.close().await();
  }

  @Test
  void keepsBytesThatFollowTheReplyOfSocks() throws Exception {
    HostPort address =
        proxy(
            talk -> {
              expect(talk, 5, 1, 0);
              talk.send("\u0005\u0000");
              heard.add(talk.hear(5 + ORIGIN.host().length() + 2));
              talk.send(
                  "\u0005\u0000\u0000\u0001\u0000\u0000\u0000\u0000\u0000\u0000220 early\r\n");
              talk.atEnd();
            });
    Channel channel = connected(socks(address, null)).channel();
    Queue<String> read = reading(channel);
    channel.read();
    await().untilAsserted(() -> assertThat(read).containsExactly("220 early\r\n"));
    assertThat(channel.pipeline().names())
        .containsExactly("collector", UpstreamInitializer.HOLD, channel.pipeline().names().get(2));
    // The request has the name: address type 3.
    assertThat(heard.get(0)).startsWith("\u0005\u0001\u0000\u0003").contains(ORIGIN.host());
    channel.close().await();
  }

  private static void expect(MailTalk talk, int... bytes) throws Exception {
    String said = talk.hear(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      assertThat((int) said.charAt(i)).isEqualTo(bytes[i]);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "403 Forbidden |  | responded 403 to CONNECT; allow smtp.only-there.example:587 on that proxy",
        "403 Forbidden | X-Squid-Error: ERR_ACCESS_DENIED 0 | to CONNECT (ERR_ACCESS_DENIED); allow",
        "407 Who | Proxy-Authenticate: Basic realm=\"x\" | (Basic); set 'via: http://USER:PASSWORD-FILE@localhost:",
        "405 Method Not Allowed |  | responded 405 to CONNECT; enable the CONNECT method on that proxy",
        "503 Service Unavailable | X-Squid-Error: ERR_DNS_FAIL 0 | 503 to CONNECT (ERR_DNS_FAIL); check on that proxy whether it can resolve and reach the origin",
        "418 Teapot, status: 200 OK |  | responded 418 to CONNECT",
        "302 Found | Location: http://portal.example/ | responded 302 to CONNECT; check that proxy's log",
      })
  void explainsTheResponseOfTheProxy(String status, @Nullable String header, String detail)
      throws Exception {
    String more = header == null ? "" : header + "\r\n";
    HostPort address = http("HTTP/1.1 " + status + "\r\n" + more + "Content-Length: 2\r\n\r\nno");
    assertFails(http(address, null), CloseReason.VIA_REFUSED, detail);
  }

  @Test
  void explainsAProxyThatAcceptsNoBasic() throws Exception {
    HostPort address =
        http(
            """
            HTTP/1.1 407 No
            Proxy-Authenticate: Negotiate
            Proxy-Authenticate: NTLM
            Content-Length: 0

            """
                .replace("\n", "\r\n"));
    assertFails(
        http(address, SCANNER),
        CloseReason.VIA_REFUSED,
        " accepts only Negotiate, NTLM (407); on that proxy, allow this machine without"
            + " sign-in or with Basic, or use cntlm:"
            + " 'tls-uplift manual corporate-proxy#pass-a-proxy-that-requires-ntlm'");
  }

  @Test
  void recommendsNoCntlmForAProxyWithoutNtlm() throws Exception {
    HostPort address =
        http("HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n");
    Future<OriginConnection> dialled = dial(http(address, SCANNER));
    assertThat(dialled.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(dialled.cause())
        .hasMessageEndingWith(
            " accepts only Negotiate (407); on that proxy, allow this machine without sign-in or"
                + " with Basic");
  }

  @ParameterizedTest
  @ValueSource(strings = {"SSH-2.0-OpenSSH_9.2\r\n", "220 mail.example ESMTP\r\n"})
  void explainsAServerThatIsNoHttpProxy(String said) throws Exception {
    assertFails(http(http(said), null), CloseReason.VIA_REFUSED, "did not respond with HTTP");
  }

  @Test
  void boundsTheHeadOfTheResponse() throws Exception {
    String head = "HTTP/1.1 200 OK\r\nX: " + "a".repeat(9000) + "\r\n\r\n";
    // Netty stops reading the response, so there is no further result.
    assertFails(http(http(head), null), CloseReason.VIA_UNREACHABLE, "did not respond in time");
  }

  @ParameterizedTest
  @CsvSource({
    "1,general failure",
    "2,not allowed by the proxy's rules; allow smtp.only-there.example:587 on that proxy",
    "3,network unreachable; check the connection from that proxy",
    "4,host unreachable; check the connection from that proxy",
    "5,connection refused by the origin",
    "6,TTL expired",
    "7,command CONNECT not supported",
    "8,address type not supported",
    "99,error 99; check that proxy",
  })
  void explainsTheRepliesOfSocks(int reply, String detail) throws Exception {
    HostPort address =
        proxy(
            talk -> {
              talk.hear(3);
              talk.send("\u0005\u0000");
              talk.hear(5 + ORIGIN.host().length() + 2);
              talk.send(
                  "\u0005" + (char) reply + "\u0000\u0001\u0000\u0000\u0000\u0000\u0000\u0000");
              talk.atEnd();
            });
    assertFails(socks(address, null), CloseReason.VIA_REFUSED, "replied: " + detail);
  }

  @Test
  void explainsThatSocksRequiresAUser() throws Exception {
    HostPort address =
        proxy(
            talk -> {
              talk.hear(3);
              talk.send("\u0005\u00ff");
              talk.atEnd();
            });
    assertFails(
        socks(address, null),
        CloseReason.VIA_REFUSED,
        "requires a user and password, or is not a SOCKS 5 proxy; set 'via: socks5://USER:");
  }

  @Test
  void explainsThatSocksRefusesTheUser() throws Exception {
    HostPort address =
        proxy(
            talk -> {
              talk.hear(4);
              talk.send("\u0005\u0002");
              heard.add(talk.hear(3 + "scanner".length() + SECRET.length()));
              talk.send("\u0001\u0001");
              talk.atEnd();
            });
    assertFails(
        socks(address, SCANNER),
        CloseReason.VIA_REFUSED,
        "refuses user 'scanner'; check the user and password file");
    assertThat(heard.get(0)).endsWith(SECRET);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void timesOutAfterResolveAndConnectTimeout(boolean http) throws Exception {
    HostPort address = proxy(MailTalk::atTheVeryEnd);
    assertFails(
        http ? http(address, null) : socks(address, null),
        CloseReason.VIA_UNREACHABLE,
        "accepted the connection but did not respond in time");
  }

  @Test
  void explainsAProxyThatClosesTheConnection() throws Exception {
    HostPort address = proxy(MailTalk::hear);
    assertFails(
        http(address, null), CloseReason.VIA_REFUSED, "closed the connection without a response");
  }

  /** At every moment in which the connection may end, the caller gets the failure. */
  @RepeatedTest(20)
  void reportsAConnectionThatEndsWithTheResponse() throws Exception {
    HostPort address =
        proxy(
            talk -> {
              while (!talk.hear().isEmpty()) {}
              talk.send(OK);
              talk.reset();
            });
    Future<List<String>> capabilities =
        connector(http(address, null))
            .prepareMail(
                DialContext.itself(loops.next()),
                ORIGIN,
                MailService.ofPort(ORIGIN.port()).orElseThrow(),
                reply -> {})
            .capabilities();
    assertThat(capabilities.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(capabilities.cause()).isInstanceOf(OriginUnavailableException.class);
  }

  @Test
  void explainsAProxyThatIsDown() throws Exception {
    HostPort address = http(OK);
    proxy.close();
    assertFails(
        http(address, null),
        CloseReason.VIA_UNREACHABLE,
        "Connection refused (127.0.0.1): proxy " + address + " cannot be reached");
  }

  @Test
  void explainsAProxyNameThatDoesNotResolve() throws Exception {
    assertFails(
        http(new HostPort("proxy.invalid", 8080), null),
        CloseReason.VIA_UNREACHABLE,
        "the name of proxy proxy.invalid:8080 cannot be resolved");
  }

  @Test
  void neverConnectsToItself() throws Exception {
    HostPort address = http(OK);
    isSelf = candidate -> candidate.getPort() == address.port();
    assertFails(
        http(address, null), CloseReason.LOOP, "'via' " + address + " is TLS Uplift itself");
    assertThat(heard).isEmpty();
  }

  @Test
  void givesUpWhenCancelled() throws Exception {
    List<String> ends = new CopyOnWriteArrayList<>();
    HostPort address =
        proxy(
            talk -> {
              heard.add(talk.hear());
              talk.atTheVeryEnd();
              ends.add("end");
            });
    Future<OriginConnection> dialled = dial(http(address, null));
    await().until(() -> !heard.isEmpty());
    dialled.cancel(false);
    await().until(() -> !ends.isEmpty());
  }

  @Test
  void logsNoCredentials() throws Exception {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    Level before = root.getLevel();
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    root.addAppender(log);
    root.setLevel(Level.TRACE);
    try {
      root.trace("control");
      connected(http(http(OK), SCANNER)).channel().close().await();
      assertFails(http(http("HTTP/1.1 407 No\r\n\r\n"), SCANNER), CloseReason.VIA_UNREACHABLE, "");
      assertFails(socks(http("\u0005\u00ff"), SCANNER), CloseReason.VIA_UNREACHABLE, "in time");
    } finally {
      root.setLevel(before);
      root.detachAppender(log);
    }
    assertThat(log.list).extracting(ILoggingEvent::getFormattedMessage).contains("control");
    String basic =
        Base64.getEncoder()
            .encodeToString(("scanner:" + SECRET).getBytes(StandardCharsets.US_ASCII));
    assertThat(List.copyOf(log.list))
        .noneMatch(
            event ->
                (event.getFormattedMessage() + event.getThrowableProxy() + event.getKeyValuePairs())
                    .matches("(?s).*(" + SECRET + "|" + basic + ").*"));
    assertThat(http(new HostPort("proxy.example", 1), SCANNER).toString()).doesNotContain(SECRET);
  }
}
