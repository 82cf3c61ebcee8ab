package org.tlsuplift.server.it;

import java.net.InetSocketAddress;
import java.nio.file.Path;

/** A TLS stack of its own kind, with settings that make it as old as needed. */
interface Device {
  /** Asks an origin for a page over a way in, and tells what was agreed to with whom. */
  Visit visit(Way way);

  /**
   * How a device gets to an origin.
   *
   * @param listener the address of the listener
   * @param connect whether the listener is an HTTP proxy; else it stands for the origin
   * @param origin host:port as the device asks for it
   * @param trusted the PEM file of the only certificate that the device trusts
   */
  record Way(InetSocketAddress listener, boolean connect, String origin, Path trusted) {
    /** By {@code CONNECT} to a proxy. */
    static Way connect(Daemon daemon, String listener, String origin) {
      return new Way(daemon.listener(listener), true, origin, daemon.authority());
    }

    /** To a port that stands for the origin. */
    static Way fixed(Daemon daemon, String listener, String origin) {
      return new Way(daemon.listener(listener), false, origin, daemon.authority());
    }

    /** The host that the device asks for, without brackets. */
    String host() {
      return origin.substring(0, origin.lastIndexOf(':')).replaceAll("[\\[\\]]", "");
    }

    /** The port that the device asks for. */
    String port() {
      return origin.substring(origin.lastIndexOf(':') + 1);
    }

    boolean toName() {
      return host().matches("[a-z]+");
    }

    /** The same with another trust. */
    Way trusting(Path certificate) {
      return new Way(listener, connect, origin, certificate);
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
