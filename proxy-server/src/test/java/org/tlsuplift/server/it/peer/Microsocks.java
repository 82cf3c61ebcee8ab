package org.tlsuplift.server.it.peer;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Peers;

/** A real SOCKS 5 proxy, which only lets one user through. */
public final class Microsocks {
  public static final String USER = "scanner";

  private final InetSocketAddress address;
  private final Child child;

  private Microsocks(InetSocketAddress address, Child child) {
    this.address = address;
    this.child = child;
  }

  /** Starts one, which ends with the lab. */
  public static Microsocks start(Lab lab, String password) {
    InetSocketAddress address = new InetSocketAddress(Loopback.V4, Loopback.freePort(Loopback.V4));
    Child child =
        lab.add(
            Child.start(
                new ProcessBuilder(
                    List.of(
                        Peers.require("microsocks"),
                        "-i",
                        address.getHostString(),
                        "-p",
                        String.valueOf(address.getPort()),
                        "-u",
                        USER,
                        "-P",
                        password))));
    child.awaitListening(List.of(address));
    return new Microsocks(address, child);
  }

  /** The URL for {@code via}, without a user. */
  public String url() {
    return "socks5://" + Loopback.text(address);
  }

  public String url(Path passwordFile) {
    return "socks5://" + USER + ":" + passwordFile + "@" + Loopback.text(address);
  }

  /** Waits until it tells of a connection to there. */
  public void awaitConnection(String host, int port) {
    child.awaitOutput(Pattern.compile("connected to " + host + ":" + port + "\\b"));
  }
}
