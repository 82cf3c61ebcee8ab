package org.tlsuplift.server.http;

import com.github.benmanes.caffeine.cache.Ticker;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.WriteTimeoutHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.channels.spi.SelectorProvider;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.accept.AcceptFailures;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.metrics.ServerMetrics;

/**
 * Serves {@code /metrics}, {@code /healthz}, {@code /readyz}, the pages and the API over HTTP/1.1
 * (RFC 9112).
 *
 * <p>Runs on its own event loop: it responds while the proxy's loops are busy, and does not slow
 * them down. All threads are daemon threads. Thread-safe.
 */
public final class AdminServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AdminServer.class);

  private static final Duration BIND_LIMIT = Duration.ofSeconds(10);
  private static final Duration GRACE = Duration.ofSeconds(1);

  private static final String INDEX =
      """
      TLS Uplift

      /metrics   metrics for Prometheus
      /healthz   200 while the process lives and its event loops respond
      /readyz    200 while the listeners accept connections, else 503 and the reason\
      """;

  private final ServerMetrics metrics;
  private final HealthState health;
  private final AdminLimits limits;

  /** The proxy uses the native transports; an occasional scrape needs none. */
  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("admin", true), NioIoHandler.newFactory());

  private final AdminThreads adminThreads = new AdminThreads(loop.next());
  private final ConnectionQuota connectionQuota;
  private final AdminSessions sessions;
  private final ActionRates rates;
  private final Ticker ticker;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Channel server;
  private volatile Content content;

  /** What new connections and requests get. */
  private record Content(AdminSpec spec, SignIns signIns, AdminPages pages) {}

  AdminServer(AdminSpec spec, ServerMetrics metrics, HealthState health, AdminLimits limits)
      throws OperatorException {
    this(spec, metrics, health, limits, Ticker.systemTicker());
  }

  /**
   * @param ticker of sessions and limits
   */
  AdminServer(
      AdminSpec spec, ServerMetrics metrics, HealthState health, AdminLimits limits, Ticker ticker)
      throws OperatorException {
    this.ticker = ticker;
    this.sessions = new AdminSessions(ticker);
    this.rates = new ActionRates(ticker);
    this.metrics = metrics;
    this.health = health;
    this.limits = limits;
    connectionQuota = new ConnectionQuota(limits, ticker);
    content = content(spec, signIns(spec));
    ChannelFuture bound = bootstrap(spec.bind()).bind(spec.bind());
    if (!bound.awaitUninterruptibly(BIND_LIMIT.toMillis()) || !bound.isSuccess()) {
      var unused = bound.channel().close();
      disposeThreads();
      throw AdminBindFailure.of(
          spec.bind(), bound.cause() == null ? new TimeoutException() : bound.cause());
    }
    server = bound.channel();
    // After Netty's own handler, which pauses for a second after a failure.
    server.pipeline().addLast(new AcceptFailures("admin port"));
  }

  /**
   * Binds and starts serving. Blocks until bound; not for an event loop.
   *
   * @throws OperatorException when the address cannot be bound
   */
  public static AdminServer start(AdminSpec spec, ServerMetrics metrics, HealthState health)
      throws OperatorException {
    return new AdminServer(spec, metrics, health, AdminLimits.DEFAULT);
  }

  /**
   * Gives new connections other TLS, and new requests other users and pages. The address stays. If
   * TLS is switched on or off, here or for browsers, open connections are closed.
   *
   * @throws IllegalArgumentException if the address differs
   */
  public synchronized void replace(AdminSpec spec) {
    Content before = content;
    if (!spec.bind().equals(before.spec().bind())) {
      throw new IllegalArgumentException(
          "got the address " + spec.bind() + "; expected " + before.spec().bind());
    }
    boolean sameUsers = spec.access().equals(before.spec().access());
    content = content(spec, sameUsers ? before.signIns() : signIns(spec));
    if (!sameUsers) {
      before.signIns().close();
    }
    AdminTls tls = before.spec().tls();
    if (tls != null && tls != spec.tls()) {
      tls.close();
    }
    if ((tls == null) != (spec.tls() == null) || before.spec().isHttps() != spec.isHttps()) {
      cutAll();
    }
  }

  private SignIns signIns(AdminSpec spec) {
    return new SignIns(spec.access(), ticker, Clock.systemUTC());
  }

  private void cutAll() {
    for (Channel connection : connectionQuota.connections()) {
      var unused = connection.close();
    }
  }

  private Content content(AdminSpec spec, SignIns signIns) {
    SignInRefusals refusals = new SignInRefusals(metrics, spec.journal());
    Clock clock = Clock.systemUTC();
    Actions actions = new Actions(spec, signIns, sessions, rates, refusals, adminThreads, clock);
    return new Content(
        spec,
        signIns,
        new AdminPages(
            new AdminAccessFilter(spec, signIns, sessions, refusals, connectionQuota),
            new MetricsResource(metrics, adminThreads.scrapes),
            health,
            new ResourceTable(withIndex(spec.routes())),
            actions,
            new OpenIdSignIn(actions, adminThreads.signIns),
            adminThreads.pages,
            limits.begin()));
  }

  /** Adds a list of pages at {@code /}, unless a resource is there already. */
  private static List<ResourcePath> withIndex(List<ResourcePath> resources) {
    if (resources.stream().anyMatch(resourcePath -> resourcePath.pattern().equals("/"))) {
      return resources;
    }
    List<ResourcePath> all = new ArrayList<>(resources);
    all.add(new ResourcePath("/", request -> Response.line(200, INDEX)));
    return all;
  }

  private ServerBootstrap bootstrap(InetSocketAddress bind) {
    return new ServerBootstrap()
        .group(loop)
        .channelFactory(() -> serverChannel(bind))
        .option(ChannelOption.SO_REUSEADDR, true)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                connectionQuota
                    .admit(channel, content.spec().front()::trusts)
                    .ifPresent(place -> connected(channel, place));
              }
            });
  }

  /**
   * An IPv4 address gets an IPv4 socket; otherwise 0.0.0.0 would accept IPv6 too, which the
   * operator did not configure.
   */
  private static ServerSocketChannel serverChannel(InetSocketAddress bind) {
    return bind.getAddress() instanceof Inet4Address
        ? new NioServerSocketChannel(SelectorProvider.provider(), SocketProtocolFamily.INET)
        : new NioServerSocketChannel();
  }

  /** All handlers of a connection. */
  private void connected(Channel channel, ConnectionQuota.Place place) {
    AdminTls tls = content.spec().tls();
    Map<String, String> headers = SecurityHeaders.all(content.spec().isHttps());
    ChannelPipeline pipeline = channel.pipeline();
    if (tls != null) {
      pipeline.addLast("tls", tls.handler(channel.alloc()));
    }
    pipeline
        .addLast(
            "write-timeout",
            new WriteTimeoutHandler(limits.stalled().toMillis(), TimeUnit.MILLISECONDS))
        .addLast("http", codec())
        .addLast("request-gate", new RequestGate(place, limits.head(), limits.idle(), headers))
        .addLast(
            "request-dispatcher",
            new RequestDispatcher(() -> content.pages(), adminThreads.streams, limits, headers));
  }

  private static HttpServerCodec codec() {
    return new HttpServerCodec(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(AdminLimits.MAX_REQUEST_LINE)
            .setMaxHeaderSize(AdminLimits.MAX_HEADERS));
  }

  /** The address that the server listens on, with the actual port. */
  public InetSocketAddress address() {
    return (InetSocketAddress) server.localAddress();
  }

  /**
   * Stops accepting, waits up to a second for responses in progress, and ends all threads. Blocks
   * for as long; not for an event loop. A second call has no effect.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    server.close().awaitUninterruptibly(GRACE.toMillis());
    List<Channel> connections = connectionQuota.connections();
    for (Channel connection : connections) {
      connection.pipeline().fireUserEventTriggered(RequestDispatcher.STOP);
    }
    long end = System.nanoTime() + GRACE.toNanos();
    boolean inTime = true;
    for (Channel connection : connections) {
      inTime &=
          connection
              .closeFuture()
              .awaitUninterruptibly(end - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
    if (!inTime) {
      log.warn(
          "The admin server did not end within {} s; its connections are cut", GRACE.toSeconds());
      cutAll();
    }
    disposeThreads();
  }

  private void disposeThreads() {
    adminThreads.close();
    content.signIns().close();
    loop.shutdownGracefully(0, GRACE.toMillis(), TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(GRACE.toMillis());
    AdminTls tls = content.spec().tls();
    if (tls != null) {
      tls.close();
    }
  }

  /** The security headers of every response. */
  static final class SecurityHeaders {
    /** What a page may load and do: only what this port itself serves (W3C CSP Level 3). */
    private static final String POLICY =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self';"
            + " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /** One year (RFC 6797): browsers then never connect here without TLS. */
    private static final String TRANSPORT = "max-age=31536000";

    private SecurityHeaders() {}

    /**
     * All security headers.
     *
     * @param https whether browsers use https
     */
    static Map<String, String> all(boolean https) {
      Map<String, String> headers = new LinkedHashMap<>();
      headers.put("Content-Security-Policy", POLICY);
      headers.put("X-Content-Type-Options", "nosniff");
      headers.put("X-Frame-Options", "DENY");
      headers.put("Referrer-Policy", "no-referrer");
      headers.put("Cross-Origin-Opener-Policy", "same-origin");
      headers.put("Cross-Origin-Resource-Policy", "same-origin");
      headers.put("Cross-Origin-Embedder-Policy", "require-corp");
      if (https) {
        headers.put("Strict-Transport-Security", TRANSPORT);
      }
      return headers;
    }
  }
}
