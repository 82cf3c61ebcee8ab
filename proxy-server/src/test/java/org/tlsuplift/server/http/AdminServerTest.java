package org.tlsuplift.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ResourceLeakDetector;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.feature.Role;
import org.tlsuplift.server.metrics.MetricNames;

class AdminServerTest {
  private RunningAdmin admin;

  @BeforeEach
  void start() throws OperatorException {
    admin = new RunningAdmin(AdminLimits.DEFAULT);
  }

  @AfterEach
  void stop() {
    admin.close();
  }

  @Test
  void bindsToNoIpv6ForAnIpv4Address() throws Exception {
    AdminSpec everywhere =
        new AdminSpec(
            new InetSocketAddress(InetAddress.getByAddress(new byte[4]), 0),
            null,
            new AdminAccess(Set.of("x"), List.of(), List.of(), false),
            AdminFront.NOTHING,
            null,
            List.of(),
            List.of(),
            RunningAdmin.PROBLEMS,
            admin.journal);
    try (AdminServer all = AdminServer.start(everywhere, admin.metrics, admin.health)) {
      int port = all.address().getPort();
      assertThat(all.address().getAddress()).isInstanceOf(Inet4Address.class);
      try (Socket ipv4 = new Socket("127.0.0.1", port)) {
        assertThat(RunningAdmin.answers(ipv4)).isTrue();
      }
      // It is refused, or this machine has no IPv6.
      assertThatThrownBy(() -> new Socket("::1", port).close()).isInstanceOf(IOException.class);
    }
  }

  @Test
  void closesSilentConnections() throws Exception {
    AdminLimits hasty = limits(Duration.ofMillis(300), Duration.ofSeconds(5));
    try (RunningAdmin small = new RunningAdmin(hasty);
        Socket silent = small.connect()) {
      assertThat(silent.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void closesConnectionsWhoseRequestDoesNotComeAsAWhole() throws Exception {
    AdminLimits hasty =
        new AdminLimits(
            Duration.ofMillis(300),
            Duration.ofMinutes(1),
            Duration.ofSeconds(10),
            Duration.ofMinutes(1),
            4,
            4,
            0);
    try (RunningAdmin small = new RunningAdmin(hasty);
        Socket half = small.connect();
        Socket second = small.connect();
        Socket idle = small.connect()) {
      RunningAdmin.write(half, "GET /healthz HTTP/1.1", "Host: ");
      RunningAdmin.write(second, "HEAD /healthz HTTP/1.1", "Host: x", "", "");
      RunningAdmin.write(idle, "HEAD /healthz HTTP/1.1", "Host: x", "", "");
      assertThat(RunningAdmin.readHead(second)).startsWith("HTTP/1.1 200 ");
      assertThat(RunningAdmin.readHead(idle)).startsWith("HTTP/1.1 200 ");
      RunningAdmin.write(second, "HEAD /healthz HTT");
      assertThat(half.getInputStream().read()).isEqualTo(-1);
      assertThat(second.getInputStream().read()).isEqualTo(-1);

      RunningAdmin.write(idle, "HEAD /healthz HTTP/1.1", "Host: x", "", "");
      assertThat(RunningAdmin.readHead(idle)).as("an idle one stays").startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void closesConnectionsThatStayIdle() throws Exception {
    AdminLimits hasty = limits(Duration.ofMillis(300), Duration.ofMinutes(1));
    try (RunningAdmin small = new RunningAdmin(hasty);
        Socket idle = small.connect()) {
      RunningAdmin.write(idle, "HEAD /metrics HTTP/1.1", "Host: x", "", "");
      assertThat(RunningAdmin.readHead(idle)).startsWith("HTTP/1.1 200 ");
      assertThat(idle.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void closesIdleConnectionsWhenItStops() throws Exception {
    try (Socket idle = admin.connect()) {
      RunningAdmin.write(idle, "HEAD /healthz HTTP/1.1", "Host: x", "", "");
      assertThat(RunningAdmin.readHead(idle)).startsWith("HTTP/1.1 200 ");

      admin.server.close();

      assertThat(idle.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void answersWhileOthersHoldAllPlacesWithHalfARequest() throws Exception {
    AdminLimits four = limits(Duration.ofMinutes(1), Duration.ofMinutes(1));
    try (RunningAdmin small = new RunningAdmin(four)) {
      List<Socket> held = new ArrayList<>();
      try {
        for (int i = 0; i < 3 * four.connections(); i++) {
          Socket half = small.connect();
          RunningAdmin.write(half, "GET /healthz HTTP/1.1", "Host: ");
          held.add(half);
        }
        assertThat(small.get("/healthz").statusCode()).isEqualTo(200);
      } finally {
        for (Socket socket : held) {
          socket.close();
        }
      }
    }
  }

  @Test
  void closesConnectionsWhoseAnswersAreNotRead() throws Exception {
    AdminLimits hasty = limits(Duration.ofMinutes(1), Duration.ofMillis(300));
    try (RunningAdmin small = new RunningAdmin(hasty);
        Socket deaf = small.connect()) {
      String requests = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n".repeat(100);
      Throwable cut =
          catchThrowable(
              () -> {
                while (true) {
                  deaf.getOutputStream().write(requests.getBytes(StandardCharsets.US_ASCII));
                }
              });
      assertThat(cut).isInstanceOf(SocketException.class);
    }
  }

  @Test
  void closesAnIdleConnectionForOneBeyondItsLimitAndServesAgainAfterwards() throws Exception {
    AdminLimits four = limits(Duration.ofMinutes(1), Duration.ofMinutes(1));
    try (RunningAdmin small = new RunningAdmin(four)) {
      List<Socket> held = new ArrayList<>();
      try {
        for (int i = 0; i < four.connections(); i++) {
          held.add(small.connect());
          assertThat(RunningAdmin.answers(held.get(i))).isTrue();
        }
        try (Socket excess = small.connect()) {
          assertThat(RunningAdmin.answers(excess)).isTrue();
          // The rest of its response, and the end.
          assertThat(held.get(0).getInputStream().readAllBytes()).isNotEmpty();
        }
      } finally {
        for (Socket socket : held) {
          socket.close();
        }
      }
      await()
          .until(
              () -> {
                try (Socket socket = small.connect()) {
                  return RunningAdmin.answers(socket);
                }
              });
    }
  }

  @Test
  void explainsAnAddressInUse() {
    InetSocketAddress taken = admin.server.address();

    assertThat(bindFailure(taken))
        .contains("admin.bind: cannot listen on 127.0.0.1:" + taken.getPort())
        .contains("already in use")
        .contains("set another port in admin.bind")
        .doesNotContain("\n");
  }

  @Test
  void explainsAForeignAndAnUnresolvableAddress() {
    // RFC 5737: 192.0.2.0/24 is for documentation, so no machine has it.
    assertThat(bindFailure(new InetSocketAddress("192.0.2.1", 9464)))
        .contains("192.0.2.1:9464", "no interface of this machine has that address");
    assertThat(bindFailure(InetSocketAddress.createUnresolved("no-such-host.invalid", 9464)))
        .contains("no-such-host.invalid:9464", "does not resolve");
  }

  @Test
  void keepsAnsweringWhileAScrapeIsStuck() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    admin
        .metrics
        .configuration()
        .counter(
            MetricNames.LEAF_CERTIFICATES_MINTED,
            () -> {
              entered.countDown();
              try {
                return release.await(60, TimeUnit.SECONDS) ? 1 : 0;
              } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return 0;
              }
            });
    var stuck = admin.begin("/metrics");
    assertThat(entered.await(60, TimeUnit.SECONDS)).isTrue();

    assertThat(admin.get("/healthz").statusCode()).isEqualTo(200);
    List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      waiting.add(admin.begin("/metrics"));
    }
    await()
        .until(
            () -> waiting.stream().anyMatch(one -> one.isDone() && one.join().statusCode() == 503));

    release.countDown();
    assertThat(stuck.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
  }

  @Test
  void finishesTheAnswerUnderWayWhenItStops() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    admin
        .metrics
        .configuration()
        .counter(
            MetricNames.LEAF_CERTIFICATES_MINTED,
            () -> {
              entered.countDown();
              return await().pollDelay(Duration.ofMillis(200)).until(() -> 1L, one -> one == 1L);
            });
    var metricsResource = admin.begin("/metrics");
    assertThat(entered.await(60, TimeUnit.SECONDS)).isTrue();
    InetSocketAddress address = admin.server.address();

    admin.server.close();
    admin.server.close();

    assertThat(metricsResource.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    assertThat(catchThrowable(() -> new Socket().connect(address))).isInstanceOf(IOException.class);
    await()
        .until(
            () ->
                Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().startsWith("admin-")));
  }

  @Test
  void usesDaemonThreadsOnly() throws Exception {
    admin.get("/metrics");

    assertThat(Thread.getAllStackTraces().keySet())
        .filteredOn(thread -> thread.getName().startsWith("admin-"))
        .isNotEmpty()
        .allMatch(Thread::isDaemon);
  }

  @Test
  void leaksNoBuffer() throws Exception {
    ResourceLeakDetector.Level usual = ResourceLeakDetector.getLevel();
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    Logger detector = (Logger) LoggerFactory.getLogger(ResourceLeakDetector.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    detector.addAppender(lines);
    try {
      for (int i = 0; i < 50; i++) {
        admin.get("/metrics");
        admin.get("/nothing");
        admin.raw("POST / HTTP/1.1", "Host: x", "Content-Length: 3", "", "abc");
        admin.raw("HEAD /metrics HTTP/1.1", "Host: x", "Connection: close", "", "");
        admin.connect().close();
      }
      for (int i = 0; i < 5; i++) {
        System.gc();
        // The detector reports when the next buffer is made.
        PooledByteBufAllocator.DEFAULT.directBuffer().release();
        admin.get("/healthz");
      }
    } finally {
      detector.detachAppender(lines);
      ResourceLeakDetector.setLevel(usual);
    }
    assertThat(lines.list).filteredOn(line -> line.getLevel() == Level.ERROR).isEmpty();
  }

  @Test
  void newRequestsGetTheUsersAndPagesOfAReplacement() throws Exception {
    AdminAccess open = new AdminAccess(Set.of("x"), List.of(), List.of(), false);
    AdminAccess closed =
        new AdminAccess(
            Set.of("x"),
            List.of(),
            List.of(new AdminAccess.Token("prometheus", "00".repeat(32), Role.VIEWER, null)),
            false);
    List<ResourcePath> pages =
        List.of(new ResourcePath("/new", request -> Response.line(200, "new")));
    assertThat(admin.get("/new").statusCode()).isEqualTo(404);

    admin.server.replace(
        new AdminSpec(
            RunningAdmin.loopback(0),
            null,
            open,
            AdminFront.NOTHING,
            null,
            pages,
            List.of(),
            RunningAdmin.PROBLEMS,
            admin.journal));

    assertThat(admin.get("/new").body()).contains("new");
    admin.server.replace(
        new AdminSpec(
            RunningAdmin.loopback(0),
            null,
            closed,
            AdminFront.NOTHING,
            null,
            pages,
            List.of(),
            RunningAdmin.PROBLEMS,
            admin.journal));
    assertThat(admin.get("/new").statusCode()).isEqualTo(401);
    assertThat(admin.get("/readyz").statusCode()).isEqualTo(503);
  }

  @Test
  void closesConnectionsWithoutTlsWhenTlsIsSwitchedOn() throws Exception {
    AdminAccess open = new AdminAccess(Set.of("x"), List.of(), List.of(), false);
    try (Socket before = admin.connect()) {
      RunningAdmin.write(before, "GET /healthz HTTP/1.1", "Host: x", "", "");
      assertThat(new String(before.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
          .isEqualTo("HTTP/1.1 200");

      admin.server.replace(
          new AdminSpec(
              RunningAdmin.loopback(0),
              new NoTls(),
              open,
              AdminFront.NOTHING,
              null,
              List.of(),
              List.of(),
              RunningAdmin.PROBLEMS,
              admin.journal));

      assertThat(new String(before.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .contains("Content-");
    }
    assertThat(admin.get("/healthz").statusCode()).isEqualTo(200);
  }

  /** In the place of TLS, a handler that changes nothing. */
  private static final class NoTls implements AdminTls {
    @Override
    public ChannelHandler handler(ByteBufAllocator allocator) {
      return new ChannelInboundHandlerAdapter();
    }

    @Override
    public void close() {}
  }

  private String bindFailure(InetSocketAddress address) {
    try (AdminServer unexpected =
        AdminServer.start(
            new AdminSpec(
                address,
                null,
                new AdminAccess(Set.of(), List.of(), List.of(), false),
                AdminFront.NOTHING,
                null,
                List.of(),
                List.of(),
                RunningAdmin.PROBLEMS,
                admin.journal),
            admin.metrics,
            admin.health)) {
      throw new AssertionError("bound to " + unexpected.address());
    } catch (OperatorException expected) {
      return String.valueOf(expected.getMessage());
    }
  }

  private static AdminLimits limits(Duration idle, Duration stalled) {
    return new AdminLimits(Duration.ofSeconds(5), idle, Duration.ofSeconds(10), stalled, 4, 4, 0);
  }
}
