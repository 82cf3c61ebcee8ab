package org.tlsuplift.server.demo;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.tlsuplift.proxy.accept.Listener;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.daemon.Components;

/**
 * Demonstrates the upgrade from end to end, offline. Only the origin's address is simulated.
 *
 * <p>Blocks for some seconds.
 */
public final class Demo {
  private final Consumer<String> out;

  public Demo(Consumer<String> out) {
    this.out = out;
  }

  /**
   * Runs the demo, and deletes its files.
   *
   * @throws OperatorException if an upgrade failed, the counters are wrong, or the daemon cannot
   *     start
   */
  public void run()
      throws OperatorException, GeneralSecurityException, IOException, InterruptedException {
    long started = System.nanoTime();
    try (TemporaryDirectory directory = TemporaryDirectory.create();
        DemoOrigin origin = DemoOrigin.start(directory.path())) {
      out.accept("origin: https://" + origin.address() + ", TLS 1.2 only, with its own CA");
      LoadedConfig config = ConfigLoader.parse(yaml(directory, origin), "the demo's configuration");
      try (Components daemon = Components.start(config, line -> {});
          DeviceRunner devices = new DeviceRunner(origin.address())) {
        out.accept("proxy: the real daemon, with a new CA");
        daemon
            .listeners()
            .forEach(
                each ->
                    out.accept(
                        "  listener "
                            + each.spec().name()
                            + " on "
                            + NetUtil.toSocketAddressString(each.address())));
        show(daemon, origin, devices);
      }
    }
    Duration elapsed = Duration.ofNanos(System.nanoTime() - started);
    out.accept("");
    out.accept(
        "Every upgrade succeeded and was counted (%.1f s).".formatted(elapsed.toMillis() / 1e3));
  }

  private void show(Components daemon, DemoOrigin origin, DeviceRunner runner)
      throws OperatorException, IOException, InterruptedException {
    List<String> faults = new ArrayList<>();
    List<DemoDevice> all = DemoDevice.all();
    for (DemoDevice device : all) {
      DemoExchange demoExchange =
          runner.run(
              device,
              address(daemon, device),
              device.isOld() ? daemon.ca().anchor() : origin.authority());
      faults.addAll(demoExchange.faults(daemon.ca().certificate(), origin.authority()));
      out.accept("");
      DemoDiagram.of(demoExchange, origin.authority()).forEach(out);
    }
    DemoCounts counts = DemoCounts.read(daemon.adminAddress(), all.size());
    faults.addAll(counts.faults(all));
    out.accept("");
    out.accept(
        "counted, at http://" + NetUtil.toSocketAddressString(daemon.adminAddress()) + "/metrics:");
    DemoDiagram.of(counts).forEach(line -> out.accept("  " + line));
    if (!faults.isEmpty()) {
      throw new OperatorException("the demo failed: " + String.join("; ", faults));
    }
  }

  private static InetSocketAddress address(Components daemon, DemoDevice device) {
    return daemon.listeners().stream()
        .filter(each -> each.spec().name().equals(device.wayIn().listener()))
        .map(Listener::address)
        .findFirst()
        .orElseThrow();
  }

  private static String yaml(TemporaryDirectory directory, DemoOrigin origin) {
    return """
        dataDirectory: '%1$s/data'
        listeners:
          - { name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy }
          - { name: fixed, bind: "127.0.0.1:0", accept: fixed, origin: "%2$s", profile: legacy }
        routes:
          - { to: ["%2$s"], action: bridge, whenModern: tunnel }
        upstream: { trust: '%3$s' }
        admin: { bind: "127.0.0.1:0" }
        limits: { maxSessions: 100 }
        """
        .formatted(directory.path(), origin.address(), origin.trust());
  }

  /** A directory for this user alone, deleted on close. */
  record TemporaryDirectory(Path path) implements AutoCloseable {
    /** Java creates it with mode 0700. */
    static TemporaryDirectory create() throws IOException {
      return new TemporaryDirectory(Files.createTempDirectory("tls-uplift-demo-"));
    }

    @Override
    public void close() throws IOException {
      try (Stream<Path> content = Files.walk(path)) {
        for (Path each : content.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(each);
        }
      }
    }
  }
}
