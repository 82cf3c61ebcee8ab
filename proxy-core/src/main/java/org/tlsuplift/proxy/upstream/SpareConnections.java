package org.tlsuplift.proxy.upstream;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.route.RouteDecision;
import org.tlsuplift.proxy.upstream.dial.OriginConnection;
import org.tlsuplift.proxy.upstream.dial.UpstreamSpec;

/**
 * Connections to busy origins that are dialled and verified before a device needs them. Each is
 * given to one device and never used again.
 *
 * <p>An origin is busy from the second session in {@link #BUSY}. Then each session lets the proxy
 * dial until the number is complete, one connection at a time, and a failure ends that. An unused
 * connection closes after {@link #MAX_AGE}, because origins close connections that send nothing.
 *
 * <p>Thread-safe. A connection stays on one event loop, so each loop has connections of its own.
 */
final class SpareConnections {
  static final Duration BUSY = Duration.ofMinutes(1);

  /** The purposes of the last minutes. Purposes beyond this number have no spare connections. */
  static final int MAX_PURPOSES = 1000;

  /** Shorter than the wait of usual servers for a request: HAProxy's examples have 10 seconds. */
  static final Duration MAX_AGE = Duration.ofSeconds(8);

  /** The sessions that can use the same connections. */
  record Purpose(EventLoop loop, RouteDecision.Bridge bridge, List<String> protocols) {}

  private final int count;
  private final Duration maxAge;
  private final Function<Purpose, Future<OriginConnection>> dial;
  private final Map<Purpose, Spares> all = new ConcurrentHashMap<>();

  /**
   * Creates a store without connections.
   *
   * @param count for each origin, 0 to {@link UpstreamSpec#MAX_SPARE_CONNECTIONS}
   * @param dial dials and verifies on the purpose's event loop
   */
  SpareConnections(int count, Duration maxAge, Function<Purpose, Future<OriginConnection>> dial) {
    this.count = count;
    this.maxAge = maxAge;
    this.dial = dial;
  }

  /**
   * Takes a connection for a session that begins now, and dials others if the origin is busy. Call
   * it on the event loop.
   *
   * @return null if there is none
   */
  @Nullable OriginConnection take(Purpose purpose) {
    if (count == 0 || (all.size() >= MAX_PURPOSES && !all.containsKey(purpose))) {
      return null;
    }
    Spares spares = all.computeIfAbsent(purpose, Spares::new);
    OriginConnection taken = spares.take();
    spares.sessionBegan();
    return taken;
  }

  /** The connections for one purpose. Runs on its event loop. */
  private final class Spares {
    private final Purpose purpose;
    private final Deque<OriginConnection> ready = new ArrayDeque<>(count);
    private boolean dialling;
    private boolean seen;
    private long lastSession;

    Spares(Purpose purpose) {
      this.purpose = purpose;
    }

    /** The newest connection that is still usable. */
    @Nullable OriginConnection take() {
      while (!ready.isEmpty()) {
        OriginConnection newest = ready.removeLast();
        if (newest.isUsable()) {
          return newest;
        }
        close(newest);
      }
      return null;
    }

    void sessionBegan() {
      long now = System.nanoTime();
      boolean busy = seen && now - lastSession < BUSY.toNanos();
      lastSession = now;
      if (!seen) {
        seen = true;
        after(BUSY, this::forgetIfIdle);
      }
      if (busy) {
        // Later: the device of this session comes first.
        purpose.loop().execute(this::fill);
      }
    }

    private void fill() {
      if (dialling || ready.size() >= count) {
        return;
      }
      dialling = true;
      Future<OriginConnection> dialled = dial.apply(purpose);
      dialled.addListener(
          done -> {
            dialling = false;
            if (dialled.isSuccess()) {
              add(dialled.getNow());
              fill();
            }
          });
    }

    private void add(OriginConnection connection) {
      ready.addLast(connection);
      connection.channel().closeFuture().addListener(closed -> ready.remove(connection));
      after(
          maxAge,
          () -> {
            if (ready.remove(connection)) {
              close(connection);
            }
          });
    }

    private void forgetIfIdle() {
      if (System.nanoTime() - lastSession >= BUSY.toNanos() && ready.isEmpty() && !dialling) {
        all.remove(purpose, this);
      } else {
        after(BUSY, this::forgetIfIdle);
      }
    }

    private void after(Duration delay, Runnable step) {
      var unused = purpose.loop().schedule(step, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void close(OriginConnection connection) {
      var unused = connection.channel().close();
    }
  }
}
