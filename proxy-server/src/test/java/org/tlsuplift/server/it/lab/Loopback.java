package org.tlsuplift.server.it.lab;

import io.netty.util.NetUtil;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;

/** The addresses of all servers in these tests, and free ports. */
public final class Loopback {
  public static final InetAddress V4 = address(new byte[] {127, 0, 0, 1});
  public static final InetAddress V6 =
      address(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});

  private static final int READ_TIMEOUT_MILLIS = 60_000;
  private static final int LOWEST_PORT = 15_000;

  /** Where Linux begins by default (net.ipv4.ip_local_port_range). */
  private static final int EPHEMERAL_PORTS = 32_768;

  private static final Set<Integer> RETURNED = ConcurrentHashMap.newKeySet();

  private Loopback() {}

  /**
   * A port that is free now, for programs that cannot report which port they chose. No port is
   * returned twice in this JVM: two origins of one nginx would share it without an error.
   *
   * <p>It is below the ports that the kernel gives to connections: a connection could occupy the
   * port before the program does.
   */
  public static int freePort(InetAddress address) {
    for (int i = 0; i < 1000; i++) {
      int candidate = ThreadLocalRandom.current().nextInt(LOWEST_PORT, EPHEMERAL_PORTS);
      if (isFree(address, candidate) && RETURNED.add(candidate)) {
        return candidate;
      }
    }
    throw new AssertionError("no port is free on " + address);
  }

  /** A port that refuses connections, and stays so until the lab ends. */
  public static int closedPort(Lab lab) {
    try {
      Socket bound = lab.add(new Socket());
      bound.bind(new InetSocketAddress(V4, 0));
      return bound.getLocalPort();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /** An address of 127.0.0.0/8 on which all these ports are free. */
  public static InetAddress ownAddress(int... ports) {
    for (int i = 0; i < 100; i++) {
      InetAddress candidate = address(new byte[] {127, 77, part(), part()});
      if (IntStream.of(ports).allMatch(port -> isFree(candidate, port))) {
        return candidate;
      }
    }
    throw new AssertionError("no address is free, or these ports may not be listened on");
  }

  private static byte part() {
    return (byte) ThreadLocalRandom.current().nextInt(1, 255);
  }

  private static boolean isFree(InetAddress address, int port) {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(address, port));
      return true;
    } catch (IOException taken) {
      return false;
    }
  }

  /** A plain connection that gives up reading after a while. */
  public static Socket connect(InetSocketAddress to) throws IOException {
    return connect(new Socket(), to);
  }

  /** A plain connection from the address {@code 127.0.0.last}. */
  public static Socket connect(int last, InetSocketAddress to) throws IOException {
    Socket socket = new Socket();
    socket.bind(new InetSocketAddress(address(new byte[] {127, 0, 0, (byte) last}), 0));
    return connect(socket, to);
  }

  private static Socket connect(Socket socket, InetSocketAddress to) throws IOException {
    socket.connect(to, READ_TIMEOUT_MILLIS);
    socket.setSoTimeout(READ_TIMEOUT_MILLIS);
    return socket;
  }

  /** Whether somebody accepts connections there. */
  public static boolean accepts(InetSocketAddress address) {
    try (Socket socket = new Socket()) {
      socket.connect(address, (int) Duration.ofSeconds(1).toMillis());
      return true;
    } catch (IOException refused) {
      return false;
    }
  }

  /** {@code 127.0.0.1:443} or {@code [::1]:443}. */
  public static String text(InetSocketAddress address) {
    return NetUtil.toSocketAddressString(address);
  }

  private static InetAddress address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
