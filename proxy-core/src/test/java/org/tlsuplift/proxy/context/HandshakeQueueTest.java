package org.tlsuplift.proxy.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HandshakeQueueTest {
  private static final int ROUND = HandshakeQueue.PER_ROUND;

  private final AtomicLong nanos = new AtomicLong();
  private final Deque<Runnable> rounds = new ArrayDeque<>();
  private final KnownDevices devices = new KnownDevices(nanos::get);
  private final LongAdder waiting = new LongAdder();
  private final HandshakeQueue queue =
      new HandshakeQueue(rounds::add, devices, waiting, nanos::get);

  /** What happened to the devices, in this order. */
  private final List<String> seen = new ArrayList<>();

  private static InetAddress address(int device) {
    try {
      return InetAddress.getByAddress(new byte[] {10, 0, (byte) (device >> 8), (byte) device});
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private HandshakeQueue.Place connect(int device) {
    AtomicReference<HandshakeQueue.Place> place = new AtomicReference<>();
    place.set(queue.place(address(device), () -> begin(device, place.get())));
    place.get().enter();
    return place.get();
  }

  private void begin(int device, HandshakeQueue.Place place) {
    seen.add(
        place.isTooLate()
            ? device + " too late after " + place.waited().toSeconds()
            : String.valueOf(device));
  }

  private void connect(int from, int count) {
    IntStream.range(from, from + count).forEach(this::connect);
  }

  private void nextRound() {
    rounds.remove().run();
  }

  private static String[] devices(int... devices) {
    return IntStream.of(devices).mapToObj(String::valueOf).toArray(String[]::new);
  }

  @Test
  void beginsAtOnceIfFewConnect() {
    assertThat(connect(1).waits()).isFalse();
    assertThat(seen).containsExactly("1");
    assertThat(waiting.sum()).isZero();
  }

  @Test
  void beginsAFewHandshakesInEachRoundInTheOrderOfArrival() {
    connect(0, 2 * ROUND);
    assertThat(seen).hasSize(ROUND);
    assertThat(waiting.sum()).isEqualTo(ROUND);

    nextRound();
    assertThat(seen).containsExactly(devices(IntStream.range(0, 2 * ROUND).toArray()));
    assertThat(waiting.sum()).isZero();
  }

  @Test
  void beginsOneInEachRoundWhileManyArriveSoThatAllAreAccepted() {
    connect(0, 3 * ROUND);
    seen.clear();
    nextRound();
    assertThat(seen).hasSize(1);

    connect(100, ROUND + 1);
    nextRound();
    assertThat(seen).hasSize(2);
    nextRound();
    assertThat(seen).hasSize(2 + ROUND);
  }

  @Test
  void aDeviceThatArrivesLaterDoesNotOvertake() {
    connect(0, 2 * ROUND);
    nextRound();
    connect(2 * ROUND);
    assertThat(seen).hasSize(2 * ROUND);
    nextRound();
    assertThat(seen).hasSize(2 * ROUND + 1);
  }

  @Test
  void needsNoRoundsWithoutDevices() {
    connect(1);
    nextRound();
    assertThat(rounds).isEmpty();
    connect(2);
    assertThat(seen).containsExactly("1", "2");
  }

  @Test
  void recentDevicesAlternateWithOthers() {
    devices.served(address(900));
    devices.served(address(901));
    connect(0, ROUND + 100);
    connect(900);
    connect(901);
    seen.clear();

    nextRound();
    nextRound();
    assertThat(seen).startsWith("900", String.valueOf(ROUND), "901", String.valueOf(ROUND + 1));
  }

  @Test
  void recentDevicesDoNotStarveOthers() {
    IntStream.range(500, 600).forEach(device -> devices.served(address(device)));
    connect(0, ROUND);
    connect(500, 100);
    connect(1);
    seen.clear();

    nextRound();
    nextRound();
    assertThat(seen).contains("1");
  }

  @Test
  void devicesThatMissedTheirTurnHaveAQueueOfTheirOwnWhenTheyComeAgain() {
    connect(0, ROUND);
    HandshakeQueue.Place missed = connect(700);
    nanos.addAndGet(HandshakeQueue.LONG_WAIT.toNanos() + 1);
    missed.leave();
    connect(701);
    nanos.addAndGet(HandshakeQueue.LONGEST_WAIT.toNanos() + 1);
    connect(702).leave();
    nextRound();
    devices.served(address(900));
    connect(0, ROUND + 100);
    IntStream.of(700, 701, 702, 900).forEach(this::connect);
    seen.clear();

    nextRound();
    nextRound();
    assertThat(seen).contains("700", "900").doesNotContain("702");
    nextRound();
    assertThat(seen).contains("701").doesNotContain("702");
  }

  @Test
  void aServedDeviceThatMissesItsTurnStaysInItsQueue() {
    devices.served(address(900));
    devices.missed(address(900));
    assertThat(devices.of(address(900))).isEqualTo(KnownDevices.Standing.SERVED);
  }

  @Test
  void forgetsServedDevicesAfterSomeTime() {
    devices.served(address(900));
    nanos.addAndGet(Duration.ofMinutes(11).toNanos());
    connect(0, ROUND + 100);
    connect(900);
    nextRound();
    nextRound();
    assertThat(seen).doesNotContain("900");
  }

  @Test
  void skipsDevicesThatGaveUp() {
    connect(0, ROUND);
    List<HandshakeQueue.Place> places = new ArrayList<>();
    IntStream.range(100, 110).forEach(device -> places.add(connect(device)));
    connect(7);
    assertThat(waiting.sum()).isEqualTo(11);
    places.forEach(HandshakeQueue.Place::leave);
    places.forEach(HandshakeQueue.Place::leave);
    assertThat(waiting.sum()).isEqualTo(1);
    seen.clear();

    nextRound();
    assertThat(seen).containsExactly("7");
    assertThat(waiting.sum()).isZero();
  }

  @Test
  void refusesADeviceAfterALongWait() {
    connect(0, ROUND + 1);
    nanos.addAndGet(HandshakeQueue.LONGEST_WAIT.toNanos() + 1);
    seen.clear();

    nextRound();
    assertThat(seen).containsExactly(ROUND + " too late after 30");
  }

  @Test
  void continuesAfterAHandshakeThatFails() {
    connect(0, ROUND);
    queue
        .place(
            address(99),
            () -> {
              throw new IllegalStateException("broken");
            })
        .enter();
    connect(7);
    seen.clear();

    assertThatIllegalStateException().isThrownBy(this::nextRound);
    nextRound();
    assertThat(seen).containsExactly("7");
  }

  /** Otherwise devices that connect and leave again and again would fill the memory. */
  @Test
  void forgetsADeviceThatLeavesAtOnce() {
    connect(0, ROUND + 1);
    WeakReference<HandshakeQueue.Place> left = new WeakReference<>(connect(900));
    Objects.requireNonNull(left.get()).leave();

    await()
        .until(
            () -> {
              System.gc();
              return left.get() == null;
            });

    assertThat(waiting.sum()).isOne();
  }
}
