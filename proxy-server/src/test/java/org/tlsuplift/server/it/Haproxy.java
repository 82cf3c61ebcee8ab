package org.tlsuplift.server.it;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;

/** A real HAProxy that passes connections on, each with a PROXY header of version 2. */
final class Haproxy {
  private Haproxy() {}

  /** Starts one in front of a listener, with health checks; it ends with the lab. */
  static InetSocketAddress start(Lab lab, InetSocketAddress listener) {
    InetSocketAddress front = new InetSocketAddress(Loopback.V4, Loopback.freePort(Loopback.V4));
    Path config =
        lab.file(
            "haproxy.cfg",
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
    lab.add(
            Child.start(
                new ProcessBuilder(
                    List.of(Peers.require("haproxy"), "-db", "-f", config.toString()))))
        .awaitListening(List.of(front));
    return front;
  }
}
