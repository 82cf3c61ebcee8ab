package org.tlsuplift.server.process;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports the state of this process to systemd (sd_notify(3)). A report that cannot be sent is
 * logged once and does no harm. Thread-safe; only {@link #close} blocks.
 *
 * <p>The JDK has no UNIX datagram sockets, so this class uses those of Netty, with a thread of its
 * own: the event loops of sessions may be blocked, which is worth a report.
 */
public final class ServiceNotifier implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ServiceNotifier.class);
  private static final Duration CLOSE_LIMIT = Duration.ofMillis(500);

  private final @Nullable Output output;
  private final @Nullable Duration watchdog;
  private final AtomicBoolean failed = new AtomicBoolean();

  private record Output(EventLoopGroup loop, Channel channel) {}

  private ServiceNotifier(@Nullable Output output, @Nullable Duration watchdog) {
    this.output = output;
    this.watchdog = watchdog;
  }

  /** Sends nothing. */
  static ServiceNotifier none() {
    return new ServiceNotifier(null, null);
  }

  static ServiceNotifier of(Map<String, String> environment, long pid) {
    String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
    if (socket.isEmpty()) {
      return none();
    }
    Output output = connect(socket);
    return new ServiceNotifier(output, output == null ? null : watchdog(environment, pid));
  }

  private static @Nullable Output connect(String socket) {
    if (!Epoll.isAvailable() || !(socket.startsWith("/") || socket.startsWith("@"))) {
      log.warn(
          "systemd gets no reports: NOTIFY_SOCKET '{}' needs epoll and a UNIX socket; use Type=exec",
          socket);
      return null;
    }
    EventLoopGroup loop =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("uplift-systemd", true), EpollIoHandler.newFactory());
    ChannelFuture connected =
        new Bootstrap()
            .group(loop)
            .channel(EpollDomainDatagramChannel.class)
            .handler(new ChannelInboundHandlerAdapter())
            // A name in the abstract namespace begins with a zero byte (unix(7)).
            .connect(new DomainSocketAddress(socket.replaceFirst("^@", "\0")))
            .awaitUninterruptibly();
    if (connected.isSuccess()) {
      return new Output(loop, connected.channel());
    }
    log.warn("systemd gets no reports: NOTIFY_SOCKET '{}'", socket, connected.cause());
    end(loop);
    return null;
  }

  private static @Nullable Duration watchdog(Map<String, String> environment, long pid) {
    String microseconds = environment.getOrDefault("WATCHDOG_USEC", "");
    String forProcess = environment.getOrDefault("WATCHDOG_PID", String.valueOf(pid));
    return microseconds.matches("[1-9][0-9]{0,17}") && forProcess.equals(String.valueOf(pid))
        ? Duration.ofNanos(Math.multiplyExact(Long.parseLong(microseconds), 1000L))
        : null;
  }

  /** The time within which systemd expects a {@link #alive} report; empty if it expects none. */
  public Optional<Duration> watchdog() {
    return Optional.ofNullable(watchdog);
  }

  /** Whether reports have a reader. */
  public boolean isUsed() {
    return output != null;
  }

  /** The service works; {@code systemctl start} ends. */
  public void ready(String status) {
    send("READY=1", "STATUS=" + status);
  }

  /**
   * A line that {@code systemctl status} shows.
   *
   * @param status without line breaks
   */
  public void status(String status) {
    send("STATUS=" + status);
  }

  /**
   * The service ends by itself.
   *
   * @param longest the time that this may take; it can exceed TimeoutStopSec= of the unit
   */
  public void stopping(String status, Duration longest) {
    send(
        "STOPPING=1",
        "STATUS=" + status,
        "EXTEND_TIMEOUT_USEC=" + TimeUnit.MILLISECONDS.toMicros(longest.toMillis()));
  }

  /** The service works still, for {@link #watchdog}. */
  public void alive() {
    send("WATCHDOG=1");
  }

  private void send(String... assignments) {
    if (output == null) {
      return;
    }
    output
        .channel()
        .writeAndFlush(
            Unpooled.copiedBuffer(String.join("\n", assignments), StandardCharsets.UTF_8))
        .addListener(
            sent -> {
              if (!sent.isSuccess() && failed.compareAndSet(false, true)) {
                log.warn("a report to systemd could not be sent", sent.cause());
              }
            });
  }

  /** Sends the waiting reports, for up to a second. */
  @Override
  public void close() {
    if (output != null) {
      output.channel().close().awaitUninterruptibly(CLOSE_LIMIT.toMillis());
      end(output.loop());
    }
  }

  private static void end(EventLoopGroup loop) {
    loop.shutdownGracefully(0, CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(CLOSE_LIMIT.toMillis());
  }
}
