package org.tlsuplift.server.it.peer;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Peers;

/** A real HAProxy that passes connections on. */
public final class Haproxy {
  private final InetSocketAddress front;
  private final Child child;

  private Haproxy(InetSocketAddress front, Child child) {
    this.front = front;
    this.child = child;
  }

  /**
   * Starts one in front of a listener, with a PROXY header of version 2 for each connection, and
   * with health checks; it ends with the lab.
   */
  public static InetSocketAddress start(Lab lab, InetSocketAddress listener) {
    return start(lab, "", listener, " send-proxy-v2 check check-send-proxy inter 200ms").front;
  }

  /**
   * Starts one in front of an origin, which tells who connected; it ends with the lab.
   *
   * @param acceptProxy whether each connection must begin with a PROXY header
   */
  public static Haproxy before(Lab lab, InetSocketAddress origin, boolean acceptProxy) {
    return start(lab, acceptProxy ? " accept-proxy" : "", origin, "");
  }

  public InetSocketAddress front() {
    return front;
  }

  /** Waits until it tells of a connection from there to there, as it knows them. */
  public void awaitConnection(String from, String to) {
    child.awaitOutput(
        Pattern.compile("connection " + from + ":\\d+ to " + Pattern.quote(to) + "\\b"));
  }

  private static Haproxy start(Lab lab, String bind, InetSocketAddress behind, String server) {
    InetSocketAddress front = new InetSocketAddress(Loopback.V4, Loopback.freePort(Loopback.V4));
    Path config =
        lab.file(
            "haproxy.cfg",
            """
            global
              log stdout format raw local0
            defaults
              mode tcp
              log global
              log-format "connection %%ci:%%cp to %%fi:%%fp"
              timeout connect 5s
              timeout client 1m
              timeout server 1m
            listen uplift
              bind %s%s
              server one %s%s
            """
                .formatted(Loopback.text(front), bind, Loopback.text(behind), server));
    Child haproxy =
        lab.add(
            Child.start(
                new ProcessBuilder(
                    List.of(Peers.require("haproxy"), "-db", "-f", config.toString()))));
    haproxy.awaitListening(List.of(front));
    return new Haproxy(front, haproxy);
  }
}
