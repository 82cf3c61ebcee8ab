package org.tlsuplift.proxy.context;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * The order in which the devices of one event loop begin their handshakes.
 *
 * <p>A handshake begins with the private key operation, which takes more time than all other steps
 * of a session. If thousands of devices connected at once and all of them began, each session would
 * wait for thousands of operations at each of its steps. So a few handshakes begin in each round of
 * the event loop, and between them the sessions under way make their steps.
 *
 * <p>While many arrive, only one handshake begins in each round. The kernel queues connections
 * without regard to their device, so they are accepted first.
 *
 * <p>The other devices wait in the order of their arrival. There are three queues, which take
 * turns: for devices that were served lately, for devices that left or were refused after a long
 * wait and come again, and for all others ({@link KnownDevices}). So many new devices do not delay
 * those that work, those that come again do not stand behind all new ones, and these do not delay
 * the new ones without end. The limits on sessions bound the queues.
 *
 * <p>Runs on the event loop.
 */
public final class HandshakeQueue {
  /** Their operations take some milliseconds. The steps of all other sessions wait for them. */
  static final int PER_ROUND = 4;

  /** Most devices give up after 10 to 30 seconds. */
  static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  /** A device that leaves earlier did not wait, such as one that only looks for open ports. */
  static final Duration LONG_WAIT = Duration.ofSeconds(3);

  private final Executor nextRound;
  private final KnownDevices devices;
  private final LongAdder waitingOfAll;
  private final LongSupplier nanoTime;
  private final Map<KnownDevices.Standing, Set<Place>> queues =
      new EnumMap<>(KnownDevices.Standing.class);
  private final Deque<Set<Place>> turns = new ArrayDeque<>();
  private int arrived;
  private int begun;
  private boolean roundFollows;

  /**
   * Creates an empty queue.
   *
   * @param nextRound runs a task after the event loop has handled its input once more
   * @param waitingOfAll the number of devices that wait in this queue and others
   */
  HandshakeQueue(
      Executor nextRound, KnownDevices devices, LongAdder waitingOfAll, LongSupplier nanoTime) {
    this.nextRound = nextRound;
    this.devices = devices;
    for (KnownDevices.Standing each : KnownDevices.Standing.values()) {
      queues.put(each, new LinkedHashSet<>());
    }
    turns.addAll(queues.values());
    this.waitingOfAll = waitingOfAll;
    this.nanoTime = nanoTime;
  }

  /**
   * Creates a place for a device, which does not wait yet.
   *
   * @param network the addresses that count as the device
   * @param callback called once, unless the device leaves before; the place may be {@linkplain
   *     Place#isTooLate too late} then
   */
  public Place place(InetAddress network, Runnable callback) {
    return new Place(network, callback);
  }

  private boolean remove(Place place) {
    boolean waited = turns.stream().anyMatch(each -> each.remove(place));
    if (waited) {
      waitingOfAll.decrement();
    }
    return waited;
  }

  private boolean isAnyWaiting() {
    return !turns.stream().allMatch(Set::isEmpty);
  }

  private void round() {
    begun = 0;
    int most = arrived > PER_ROUND ? 1 : PER_ROUND;
    arrived = 0;
    roundFollows = isAnyWaiting();
    if (!roundFollows) {
      return;
    }
    // First, so that a handshake that fails does not stop the queue.
    nextRound.execute(this::round);
    while (begun < most && isAnyWaiting()) {
      begun++;
      Place next = next();
      remove(next);
      if (next.isTooLate()) {
        devices.missed(next.network);
      }
      next.callback.run();
    }
  }

  /** The queues that have devices take turns. */
  private Place next() {
    Set<Place> queue;
    do {
      queue = turns.remove();
      turns.add(queue);
    } while (queue.isEmpty());
    return queue.iterator().next();
  }

  /** The place of one device in the queue. */
  public final class Place {
    private final InetAddress network;
    private final Runnable callback;
    private final long since = nanoTime.getAsLong();

    private Place(InetAddress network, Runnable callback) {
      this.network = network;
      this.callback = callback;
    }

    /** Waits. The turn may come before this method returns. */
    public void enter() {
      boolean free = begun < PER_ROUND && !isAnyWaiting();
      if (!roundFollows) {
        roundFollows = true;
        nextRound.execute(HandshakeQueue.this::round);
      }
      if (free) {
        begun++;
        callback.run();
        return;
      }
      arrived++;
      waitingOfAll.increment();
      Objects.requireNonNull(queues.get(devices.of(network))).add(this);
    }

    /** Whether the device waits. */
    public boolean waits() {
      return turns.stream().anyMatch(each -> each.contains(this));
    }

    /** How long ago the place was created. */
    public Duration waited() {
      return Duration.ofNanos(nanoTime.getAsLong() - since);
    }

    /** Gives the place up, if the turn has not come. */
    public void leave() {
      if (remove(this) && waited().compareTo(LONG_WAIT) > 0) {
        devices.missed(network);
      }
    }

    /** Whether the device has waited for so long that a handshake is of no use to it. */
    public boolean isTooLate() {
      return waited().compareTo(LONGEST_WAIT) > 0;
    }
  }
}
