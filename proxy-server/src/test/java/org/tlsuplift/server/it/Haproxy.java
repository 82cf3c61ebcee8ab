package org.tlsuplift.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** A real HAProxy that passes connections on, each with a PROXY header of version 2. */
final class Haproxy {
  /** The configuration that operators copy. */
  static final Path SHIPPED = Path.of("..", "config", "haproxy", "haproxy.cfg");

  private Haproxy() {}

  /**
   * Starts one with the configuration that operators copy, with other addresses; it ends with the
   * lab.
   *
   * @return where its section "web" listens
   */
  static InetSocketAddress shipped(Lab lab, Daemon first, Daemon second) {
    InetSocketAddress front = new InetSocketAddress(Loopback.V4, Loopback.freePort(Loopback.V4));
    String config = read(SHIPPED);
    config = with(config, "log /dev/log ", "log stdout format raw ");
    config = with(config, "bind :3128", "bind " + Loopback.text(front));
    config =
        Pattern.compile("bind :\\d+")
            .matcher(config)
            .replaceAll(port -> "bind 127.0.0.1:" + Loopback.freePort(Loopback.V4));
    config = with(config, "192.168.1.10:3128", Loopback.text(first.listener("web")));
    config = with(config, "192.168.1.10:9464", Loopback.text(first.admin()));
    config = with(config, "192.168.1.11:3128", Loopback.text(second.listener("web")));
    config = with(config, "192.168.1.11:9464", Loopback.text(second.admin()));
    return start(lab, front, config);
  }

  private static String with(String config, String shipped, String here) {
    assertThat(config).contains(shipped);
    return config.replace(shipped, here);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /** Starts one in front of a listener, with health checks; it ends with the lab. */
  static InetSocketAddress start(Lab lab, InetSocketAddress listener) {
    InetSocketAddress front = new InetSocketAddress(Loopback.V4, Loopback.freePort(Loopback.V4));
    return start(
        lab,
        front,
        """
            defaults
              mode tcp
              timeout connect 5s
              timeout client 1m
              timeout server 1m
            listen uplift
              bind %s
              server one %s send-proxy-v2 check check-send-proxy inter 200ms
            """
            .formatted(Loopback.text(front), Loopback.text(listener)));
  }

  private static InetSocketAddress start(Lab lab, InetSocketAddress front, String text) {
    Path config = lab.file("haproxy.cfg", text);
    lab.add(
            Child.start(
                new ProcessBuilder(
                    List.of(Peers.require("haproxy"), "-db", "-f", config.toString()))))
        .awaitListening(List.of(front));
    return front;
  }
}
