package org.tlsuplift.proxy.context;

import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.tlsuplift.proxy.model.Explanation;

/** A {@link HandshakeQueue} for each event loop. Outlives a reload. Thread-safe. */
public final class HandshakeQueues {
  /** What the operator can do if devices wait for too long. */
  public static final String REMEDY = "give the daemon more processors, or add an instance";

  private final LongSupplier sessions;
  private final Function<EventLoop, Executor> nextRounds;
  private final KnownDevices devices = new KnownDevices(System::nanoTime);
  private final LongAdder waiting = new LongAdder();
  private final ConcurrentMap<EventLoop, HandshakeQueue> queues = new ConcurrentHashMap<>();

  /**
   * Creates empty queues.
   *
   * @param sessions how much of {@link Limits#maxSessions} is in use; a device that waits has no
   *     connection to an origin yet, and counts half
   */
  public HandshakeQueues(LongSupplier sessions) {
    // A task that is due runs after the input, unlike one that the event loop gets directly.
    this(
        sessions,
        loop ->
            task -> {
              var unused = loop.schedule(task, 0, TimeUnit.NANOSECONDS);
            });
  }

  /**
   * Creates empty queues for tests.
   *
   * @param nextRounds run a task after an event loop has handled its input once more
   */
  public HandshakeQueues(LongSupplier sessions, Function<EventLoop, Executor> nextRounds) {
    this.sessions = sessions;
    this.nextRounds = nextRounds;
  }

  /** The queue of an event loop, for use on this event loop. */
  public HandshakeQueue of(EventLoop loop) {
    return queues.computeIfAbsent(
        loop,
        each -> new HandshakeQueue(nextRounds.apply(each), devices, waiting, System::nanoTime));
  }

  /** Records that a device reached its origin. */
  public void served(InetAddress network) {
    devices.served(network);
  }

  /**
   * Why a device that connects now may not wait; empty if it may. While many devices wait, the last
   * tenth of the sessions is for devices that were served lately.
   */
  public Optional<Explanation> refusal(InetAddress network, Limits limits) {
    int reserve = limits.maxSessions() / 10;
    if (reserve == 0
        || waiting() < reserve
        || sessions.getAsLong() < limits.maxSessions() - reserve
        || devices.of(network) == KnownDevices.Standing.SERVED) {
      return Optional.empty();
    }
    return Optional.of(
        Explanation.of("%d devices wait for their handshakes".formatted(waiting()), REMEDY));
  }

  /** Whether a handshake cannot begin, because all sessions are in use. */
  public boolean isFull(Limits limits) {
    return sessions.getAsLong() > limits.maxSessions();
  }

  /** The number of devices that wait for their handshakes. */
  public long waiting() {
    return waiting.sum();
  }
}
