package org.tlsuplift.server.demo;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.tlsuplift.server.daemon.AdminPage;

/**
 * The daemon's counters, as Prometheus reads them.
 *
 * @param legacy completed handshakes with devices below TLS 1.2
 * @param upstream handshakes with origins
 * @param sessions ended sessions
 */
record DemoCounts(
    List<CountedSeries> legacy, List<CountedSeries> upstream, List<CountedSeries> sessions) {
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** Reads the counters after this number of sessions has ended, or after ten seconds. */
  static DemoCounts read(InetSocketAddress admin, int sessions) throws IOException {
    long end = System.nanoTime() + LIMIT_NANOS;
    DemoCounts counts = readNow(admin);
    while (sum(counts.sessions) < sessions && System.nanoTime() < end) {
      LockSupport.parkNanos(POLL_NANOS);
      counts = readNow(admin);
    }
    return counts;
  }

  /** The counters that differ from what the devices did; empty for none. */
  List<String> faults(List<DemoDevice> devices) {
    List<String> faults = new ArrayList<>();
    List<DemoDevice> old = devices.stream().filter(DemoDevice::isOld).toList();
    expect("legacy handshakes", old.size(), sum(legacy), faults);
    for (DemoDevice device : old) {
      expect(
          "legacy handshakes like the " + device.name() + "'s",
          1,
          sum(
              legacy,
              series ->
                  series.label("listener").equals(device.wayIn().listener())
                      && series.label("protocol").equals(device.version().label())
                      && series.label("cipher").equals(device.cipherSuite())),
          faults);
    }
    expect("handshakes with the origin", old.size(), sum(upstream), faults);
    expect(
        "completed TLS 1.2 handshakes with the origin",
        old.size(),
        sum(
            upstream,
            series ->
                series.label("protocol").equals("TLSv1.2")
                    && series.label("outcome").equals("completed")),
        faults);
    expect("bridged sessions", old.size(), withAction("bridge"), faults);
    expect("tunnelled sessions", devices.size() - old.size(), withAction("tunnel"), faults);
    return faults;
  }

  private double withAction(String action) {
    return sum(sessions, each -> each.label("action").equals(action));
  }

  private static void expect(String what, int expected, double got, List<String> faults) {
    if (got != expected) {
      faults.add("/metrics counts " + got + " " + what + " instead of " + expected);
    }
  }

  private static double sum(List<CountedSeries> series) {
    return sum(series, each -> true);
  }

  private static double sum(List<CountedSeries> series, Predicate<CountedSeries> which) {
    return series.stream().filter(which).mapToDouble(CountedSeries::value).sum();
  }

  private static DemoCounts readNow(InetSocketAddress admin) throws IOException {
    String text = AdminPage.read(admin, "/metrics").body();
    return new DemoCounts(
        CountedSeries.of(text, "tlsuplift_legacy_handshakes_total"),
        CountedSeries.of(text, "tlsuplift_upstream_handshakes_total"),
        CountedSeries.of(text, "tlsuplift_sessions_total"));
  }
}
