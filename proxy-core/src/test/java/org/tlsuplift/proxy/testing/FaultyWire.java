package org.tlsuplift.proxy.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.tlsuplift.proxy.model.HostPort;

/**
 * A TCP relay before an origin. It breaks some connections after a random number of bytes, and
 * counts the connections that its caller has not closed yet.
 */
public final class FaultyWire implements AutoCloseable {
  private enum Fault {
    NONE,
    CLOSE,
    RESET,
    CORRUPT,
    INSERT,
    STALL
  }

  /** Most dialogues and handshakes end within this number of bytes. */
  private static final int MAX_BYTES = 6000;

  private final ServerSocket server;
  private final InetSocketAddress origin;
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger accepted = new AtomicInteger();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "faulty-wire");
            thread.setDaemon(true);
            return thread;
          });

  /** Relays to this origin on loopback. The seed decides which connections break. */
  public FaultyWire(HostPort origin, long seed) {
    this.origin = new InetSocketAddress("127.0.0.1", origin.port());
    try {
      server = new ServerSocket(0, 100, InetAddress.getByName("127.0.0.1"));
    } catch (IOException broken) {
      throw new IllegalStateException(broken);
    }
    Random seeds = new Random(seed);
    threads.execute(
        () -> {
          while (!server.isClosed()) {
            try {
              Socket caller = server.accept();
              caller.setTcpNoDelay(true);
              open.incrementAndGet();
              accepted.incrementAndGet();
              Random random = new Random(seeds.nextLong());
              threads.execute(() -> serve(caller, random));
            } catch (IOException closed) {
              return;
            }
          }
        });
  }

  private void serve(Socket caller, Random random) {
    Fault fault = random.nextInt(3) > 0 ? Fault.NONE : Fault.values()[random.nextInt(6)];
    try (caller;
        Socket called = new Socket()) {
      called.setTcpNoDelay(true);
      called.connect(origin);
      threads.execute(() -> copyQuietly(caller, called));
      if (!copy(called, caller, fault, random.nextInt(MAX_BYTES))) {
        return;
      }
      // A connection counts as open until the caller closes it.
      drain(caller);
    } catch (IOException broken) {
      // One side has closed.
    } finally {
      open.decrementAndGet();
    }
  }

  private static void copyQuietly(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException broken) {
      closeQuietly(to);
    }
  }

  /** Copies up to the fault or the end. Returns whether the caller must close first. */
  private static boolean copy(Socket from, Socket to, Fault fault, int faultAt) throws IOException {
    InputStream in = from.getInputStream();
    OutputStream out = to.getOutputStream();
    byte[] buffer = new byte[512];
    int copied = 0;
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      boolean now = fault != Fault.NONE && copied + read > faultAt;
      copied += read;
      if (!now) {
        out.write(buffer, 0, read);
        continue;
      }
      switch (fault) {
        case NONE -> {}
        case CLOSE -> {
          return false;
        }
        case RESET -> {
          to.setSoLinger(true, 0);
          return false;
        }
        case CORRUPT -> {
          buffer[read / 2] ^= 0x55;
          out.write(buffer, 0, read);
        }
        case INSERT -> {
          out.write(new byte[9000]);
          out.write(buffer, 0, read);
        }
        case STALL -> {
          return true;
        }
      }
      fault = Fault.NONE;
    }
    to.shutdownOutput();
    return true;
  }

  private static void drain(Socket socket) throws IOException {
    socket.getInputStream().transferTo(OutputStream.nullOutputStream());
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException broken) {
      // The socket is closed as far as possible.
    }
  }

  /** The number of connections that the caller has not closed. */
  public int open() {
    return open.get();
  }

  public int accepted() {
    return accepted.get();
  }

  /** The address with another host name. */
  public HostPort as(String name) {
    return new HostPort(name, server.getLocalPort());
  }

  @Override
  public void close() {
    closeQuietly(server);
    threads.shutdownNow();
  }

  private static void closeQuietly(ServerSocket socket) {
    try {
      socket.close();
    } catch (IOException broken) {
      // The socket is closed as far as possible.
    }
  }
}
