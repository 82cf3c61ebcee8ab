package org.tlsuplift.server.it.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Peers;

/** A real HAProxy with the configuration that operators copy, but for addresses and ports. */
public final class ShippedHaproxy {
  /** The file that they copy. */
  public static final Path FILE = Path.of("..", "config", "haproxy", "haproxy.cfg");

  /** What it prints at the end of each connection: Tw/Tc/Tt of 'option tcplog', in ms. */
  private static final Pattern TIMES = Pattern.compile(" web web/uplift\\d \\d+/(-?\\d+)/\\d+ ");

  private final InetSocketAddress front;
  private final Child child;

  private ShippedHaproxy(InetSocketAddress front, Child child) {
    this.front = front;
    this.child = child;
  }

  /** Starts one in front of two instances; it ends with the lab. */
  public static ShippedHaproxy start(Lab lab, Daemon first, Daemon second) {
    InetSocketAddress front = new InetSocketAddress(Loopback.V4, Loopback.freePort(Loopback.V4));
    String config = read();
    config = with(config, "log /dev/log ", "log stdout format raw ");
    // These two are asked on the loopback, where their admin ports are without TLS.
    config = with(config, " check-ssl verify none", "");
    config = with(config, "bind :3128", "bind " + Loopback.text(front));
    config =
        Pattern.compile("bind :\\d+")
            .matcher(config)
            .replaceAll(port -> "bind 127.0.0.1:" + Loopback.freePort(Loopback.V4));
    config = with(config, "192.168.1.10:3128", Loopback.text(first.listener("web")));
    config = with(config, "192.168.1.10:9464", Loopback.text(first.admin()));
    config = with(config, "192.168.1.11:3128", Loopback.text(second.listener("web")));
    config = with(config, "192.168.1.11:9464", Loopback.text(second.admin()));
    Path file = lab.file("haproxy.cfg", config);
    Child child =
        lab.add(
            Child.start(
                new ProcessBuilder(List.of(Peers.require("haproxy"), "-db", "-f", file + ""))));
    child.awaitListening(List.of(front));
    return new ShippedHaproxy(front, child);
  }

  /** Where its section "web" listens. */
  public InetSocketAddress front() {
    return front;
  }

  /**
   * The longest time in which one of the connections that have ended was connected to an instance,
   * with all attempts.
   */
  public double slowestConnectSeconds() {
    return TIMES
            .matcher(child.output())
            .results()
            .mapToInt(times -> Integer.parseInt(times.group(1)))
            .max()
            .orElseThrow()
        / 1000.0;
  }

  private static String with(String config, String shipped, String here) {
    assertThat(config).contains(shipped);
    return config.replace(shipped, here);
  }

  private static String read() {
    try {
      return Files.readString(FILE);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
