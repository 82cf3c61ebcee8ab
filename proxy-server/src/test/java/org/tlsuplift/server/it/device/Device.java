package org.tlsuplift.server.it.device;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Run;

/** A TLS stack of its own kind, with settings that make it as old as needed. */
public interface Device {
  /** Requests a page from an origin, which must succeed. Returns the agreed parameters. */
  default Visit visit(Way way) {
    return agreed(attempt(way).succeeded());
  }

  /** Asks an origin for a page, which need not succeed. */
  Run attempt(Way way);

  /** What was agreed to, as it said in a run that succeeded. */
  Visit agreed(Run run);

  /**
   * How a device gets to an origin.
   *
   * @param listener the address of the listener
   * @param connect whether the listener is an HTTP proxy; else it stands for the origin
   * @param origin host:port as the device asks for it
   * @param serverName what the device knows the origin by: looked for in the certificate
   * @param sni whether the device also sends that as SNI
   * @param trusted the PEM file of the only certificate that the device trusts
   */
  record Way(
      InetSocketAddress listener,
      boolean connect,
      String origin,
      String serverName,
      boolean sni,
      Path trusted) {
    /** By {@code CONNECT} to a proxy. */
    public static Way connect(Daemon daemon, String listener, String origin) {
      return to(daemon.listener(listener), true, origin, daemon.authority());
    }

    /** To a port that stands for the origin. */
    public static Way fixed(Daemon daemon, String listener, String origin) {
      return to(daemon.listener(listener), false, origin, daemon.authority());
    }

    /** To anybody's port that stands for the origin. */
    public static Way fixed(InetSocketAddress listener, String origin, Path trusted) {
      return to(listener, false, origin, trusted);
    }

    private static Way to(
        InetSocketAddress listener, boolean connect, String origin, Path trusted) {
      return new Way(listener, connect, origin, "", false, trusted).named(host(origin));
    }

    public Way trusting(Path certificate) {
      return new Way(listener, connect, origin, serverName, sni, certificate);
    }

    /** This way with another name for the origin, sent as SNI unless it is an address. */
    public Way named(String name) {
      return new Way(listener, connect, origin, name, isName(name), trusted);
    }

    public Way withoutSni() {
      return new Way(listener, connect, origin, serverName, false, trusted);
    }

    boolean byName() {
      return isName(serverName);
    }

    private static boolean isName(String name) {
      return !name.contains(":") && !name.matches("[0-9.]+");
    }

    private static String host(String origin) {
      return origin.substring(0, origin.lastIndexOf(':')).replaceAll("[\\[\\]]", "");
    }
  }

  /**
   * What came of it, in the device's own words.
   *
   * @param version the agreed version
   * @param suite the agreed suite
   * @param run the program that was the device
   */
  record Visit(String version, String suite, Run run) {}
}
