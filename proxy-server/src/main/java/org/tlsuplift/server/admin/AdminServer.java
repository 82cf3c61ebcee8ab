package org.tlsuplift.server.admin;

import com.github.benmanes.caffeine.cache.Ticker;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.ChannelMatchers;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.timeout.WriteTimeoutHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.accept.AcceptFailures;
import org.tlsuplift.server.metrics.ServerMetrics;
import org.tlsuplift.server.web.ResourcePath;
import org.tlsuplift.server.web.Response;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.DisposableServer;
import reactor.netty.NettyPipeline;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.LoopResources;

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

  /** The proxy uses the native transports; an occasional scrape needs none. */
  private static final boolean NATIVE = false;

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
  private final LoopResources loop;
  private final AdminThreads adminThreads = new AdminThreads();
  private final ConnectionQuota connectionQuota;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final DisposableServer server;
  private volatile Content content;

  /** What new connections and requests get. */
  private record Content(AdminSpec spec, SignIns signIns, AdminPages pages) {}

  AdminServer(AdminSpec spec, ServerMetrics metrics, HealthState health, AdminLimits limits)
      throws AdminBindException {
    this.metrics = metrics;
    this.health = health;
    this.limits = limits;
    loop = new AdminEventLoop(spec.bind());
    connectionQuota = new ConnectionQuota(limits, Ticker.systemTicker());
    content = content(spec, new SignIns(spec.access(), Ticker.systemTicker()));
    try {
      server =
          http(spec)
              .handle((request, response) -> content.pages().apply(request, response))
              .bindNow(BIND_LIMIT);
    } catch (RuntimeException failure) {
      disposeThreads();
      throw new AdminBindException(
          spec.bind(), failure.getCause() == null ? failure : failure.getCause());
    }
  }

  /**
   * Binds and starts serving. Blocks until bound; not for an event loop.
   *
   * @throws AdminBindException when the address cannot be bound
   */
  public static AdminServer start(AdminSpec spec, ServerMetrics metrics, HealthState health)
      throws AdminBindException {
    return new AdminServer(spec, metrics, health, AdminLimits.DEFAULT);
  }

  /**
   * Gives new connections other TLS, and new requests other users and pages. The address stays. If
   * TLS is switched on or off, open connections are closed.
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
    content =
        content(
            spec, sameUsers ? before.signIns() : new SignIns(spec.access(), Ticker.systemTicker()));
    if (!sameUsers) {
      before.signIns().close();
    }
    AdminTls tls = before.spec().tls();
    if (tls != null && tls != spec.tls()) {
      tls.close();
    }
    if ((tls == null) != (spec.tls() == null)) {
      var unused = channels.close(ChannelMatchers.isNot(server.channel()));
    }
  }

  private Content content(AdminSpec spec, SignIns signIns) {
    Scheduler onLoop = Schedulers.fromExecutor(loop.onServer(NATIVE).next());
    return new Content(
        spec,
        signIns,
        new AdminPages(
            new AdminAccessFilter(
                spec.access(), signIns, new SignInRefusals(metrics), connectionQuota),
            new MetricsResource(metrics, adminThreads.scrapes()),
            health,
            new ResourceTable(withIndex(spec.routes())),
            adminThreads.pages(),
            limits.begin(),
            new ResponseSender(adminThreads.streams(), onLoop, limits, headers(spec)),
            onLoop));
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

  private static Map<String, String> headers(AdminSpec spec) {
    return SecurityHeaders.all(spec.tls() != null);
  }

  private HttpServer http(AdminSpec spec) {
    return HttpServer.create()
        .bindAddress(spec::bind)
        .runOn(loop, NATIVE)
        .protocol(HttpProtocol.HTTP11)
        .httpRequestDecoder(
            decoder ->
                decoder
                    .maxInitialLineLength(AdminLimits.MAX_REQUEST_LINE)
                    .maxHeaderSize(AdminLimits.MAX_HEADERS))
        .idleTimeout(limits.idle())
        .doOnChannelInit(
            (observer, channel, remote) ->
                connectionQuota
                    .admit(channel)
                    .ifPresent(
                        place -> complete(channel.pipeline(), place, content.spec(), limits)))
        .doOnBound(bound -> bound.channel().pipeline().addLast(new AcceptFailures("admin port")))
        // With a group, the stop waits for the responses in progress.
        .channelGroup(channels);
  }

  /** Adds the handlers that the HTTP library lacks. */
  private static void complete(
      ChannelPipeline pipeline, ConnectionQuota.Place place, AdminSpec spec, AdminLimits limits) {
    pipeline
        .addFirst(new WriteTimeoutHandler(limits.stalled().toMillis(), TimeUnit.MILLISECONDS))
        .addAfter(
            NettyPipeline.HttpCodec,
            "request gate",
            new RequestGate(place, limits.head(), headers(spec)));
    AdminTls tls = spec.tls();
    if (tls != null) {
      pipeline.addFirst(tls.handler(pipeline.channel().alloc()));
    }
  }

  /** The address that the server listens on, with the actual port. */
  public InetSocketAddress address() {
    return (InetSocketAddress) server.address();
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
    try {
      server.disposeNow(GRACE);
    } catch (IllegalStateException late) {
      log.warn(
          "The admin server did not end within {} s; its connections are cut", GRACE.toSeconds());
    }
    disposeThreads();
  }

  private void disposeThreads() {
    adminThreads.close();
    content.signIns().close();
    loop.disposeLater(Duration.ZERO, GRACE).block(GRACE);
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
     * @param tls whether the port uses TLS
     */
    static Map<String, String> all(boolean tls) {
      Map<String, String> headers = new LinkedHashMap<>();
      headers.put("Content-Security-Policy", POLICY);
      headers.put("X-Content-Type-Options", "nosniff");
      headers.put("X-Frame-Options", "DENY");
      headers.put("Referrer-Policy", "no-referrer");
      headers.put("Cross-Origin-Opener-Policy", "same-origin");
      headers.put("Cross-Origin-Resource-Policy", "same-origin");
      headers.put("Cross-Origin-Embedder-Policy", "require-corp");
      if (tls) {
        headers.put("Strict-Transport-Security", TRANSPORT);
      }
      return headers;
    }
  }
}
