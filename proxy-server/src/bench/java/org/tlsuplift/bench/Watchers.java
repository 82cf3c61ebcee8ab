package org.tlsuplift.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.tlsuplift.proxy.model.Action;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.DeviceHandshake;
import org.tlsuplift.proxy.model.Direction;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.OriginHandshake;
import org.tlsuplift.proxy.model.ProxyObserver;
import org.tlsuplift.proxy.model.RevocationCheck;
import org.tlsuplift.proxy.model.SessionId;
import org.tlsuplift.proxy.model.SessionObserver;
import org.tlsuplift.proxy.model.SessionSummary;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.CloseReason;
import org.tlsuplift.proxy.outcome.HandshakeOutcome;

/**
 * The daemon's observers alone: tells them of sessions that never were, at an even pace, and prints
 * what each thread took for one of them, and what one burst of relayed bytes takes. What telling
 * takes when nobody listens is printed first.
 */
final class Watchers {
  private static final String LISTENER = "port0";
  private static final int DEVICES = 500;
  private static final int STEP_MILLIS = 10;
  private static final int BURSTS = 20_000_000;
  private static final HostPort TARGET = new HostPort("localhost", 993);
  private static final ClientHello HELLO =
      new ClientHello(
          ClientHello.Framing.TLS,
          List.of(TlsVersion.TLS_1_0),
          List.of(0xc013),
          "localhost",
          false,
          List.of(),
          List.of(23, 24),
          List.of(),
          false,
          101,
          "t10d010400_0f2cb44170f4_5c4c70b73fa0");
  private static final TlsParameters OLD =
      new TlsParameters(TlsVersion.TLS_1_0, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", null);
  private static final TlsParameters MODERN =
      new TlsParameters(TlsVersion.TLS_1_2, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", null);
  private static final DeviceHandshake FROM_DEVICE =
      new DeviceHandshake(HandshakeOutcome.COMPLETED, OLD, Duration.ofNanos(7_654_321), "");
  private static final OriginHandshake TO_ORIGIN =
      new OriginHandshake(null, MODERN, Duration.ofNanos(4_321_987), RevocationCheck.NOT_CHECKED);

  private final ProxyObserver observers;
  private long sessions;

  private Watchers(ProxyObserver observers) {
    this.observers = observers;
  }

  /** Takes sessions a second, seconds of warm-up at four times that pace, and seconds. */
  public static void main(String[] arguments) throws Exception {
    int pace = Integer.parseInt(arguments[0]);
    Path folder = Files.createTempDirectory(Path.of("."), "watchers");
    try (Watching watching = Watching.start(folder, List.of(LISTENER))) {
      Watchers watchers = new Watchers(watching.observer());
      int warmUp = Integer.parseInt(arguments[1]);
      int seconds = Integer.parseInt(arguments[2]);
      System.out.println("nobody listens:");
      new Watchers((id, listener, device) -> new SessionObserver() {})
          .measure(pace, warmUp, seconds);
      System.out.println("metrics, live sessions, access log and inventory:");
      watchers.measure(pace, warmUp, seconds);
      System.out.printf(
          Locale.ROOT,
          "  each burst of relayed bytes: %.1f ns; dropped: %d of the access log, %d of the"
              + " inventory%n",
          watchers.bursts(),
          watching.accessLog().dropped(),
          watching.inventory().dropped());
    }
  }

  private void measure(int pace, int warmUp, int seconds) throws IOException {
    long process = ProcessHandle.current().pid();
    sessions(4 * pace, warmUp);
    Map<String, Long> before = Threads.cpuNanos(process);
    long told = sessions(pace, seconds);
    print(before, Threads.cpuNanos(process), told);
  }

  private static void print(Map<String, Long> before, Map<String, Long> after, long sessions) {
    Map<String, Long> used = new TreeMap<>();
    after.forEach((name, nanos) -> used.put(name, nanos - before.getOrDefault(name, 0L)));
    used.forEach(
        (name, nanos) -> {
          if (nanos > 20L * sessions) {
            System.out.printf(
                Locale.ROOT, "  %-15s %7.2f us for each session%n", name, nanos / 1e3 / sessions);
          }
        });
  }

  /** Some each ten milliseconds. */
  private long sessions(int pace, int seconds) {
    int each = pace * STEP_MILLIS / 1000;
    int steps = seconds * 1000 / STEP_MILLIS;
    long next = System.nanoTime();
    for (int step = 0; step < steps; step++) {
      for (int i = 0; i < each; i++) {
        session();
      }
      next += TimeUnit.MILLISECONDS.toNanos(STEP_MILLIS);
      LockSupport.parkNanos(Math.max(0, next - System.nanoTime()));
    }
    return (long) each * steps;
  }

  private void session() {
    long number = ++sessions;
    int device = (int) (number % DEVICES);
    InetSocketAddress address =
        new InetSocketAddress("127.1." + device / 250 + "." + (1 + device % 250), 40_000);
    SessionId id = new SessionId(number);
    SessionObserver session = observers.sessionOpened(id, LISTENER, address);
    session.negotiated(TARGET);
    session.helloReceived(HELLO);
    session.decided(Action.BRIDGE);
    session.originHandshake(TO_ORIGIN);
    session.deviceHandshake(FROM_DEVICE);
    session.relayed(Direction.UP, 64);
    session.relayed(Direction.DOWN, 1);
    session.closed(
        new SessionSummary(
            id,
            LISTENER,
            address,
            Instant.now(),
            Duration.ofMillis(21),
            TARGET,
            HELLO,
            Action.BRIDGE,
            CloseReason.DEVICE_CLOSED,
            "",
            FROM_DEVICE,
            TO_ORIGIN,
            null,
            64,
            1));
  }

  /** Nanoseconds of one, among as many as make 300 GB. */
  private double bursts() {
    SessionObserver session =
        observers.sessionOpened(
            new SessionId(0), LISTENER, new InetSocketAddress("127.1.0.1", 40_000));
    double nanos = 0;
    for (int round = 0; round < 2; round++) {
      long start = System.nanoTime();
      for (int i = 0; i < BURSTS; i++) {
        session.relayed(Direction.DOWN, 16_384);
      }
      nanos = (System.nanoTime() - start) / (double) BURSTS;
    }
    return nanos;
  }
}
