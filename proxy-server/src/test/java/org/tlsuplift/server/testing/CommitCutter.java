package org.tlsuplift.server.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A network between a program and PostgreSQL that breaks at one COMMIT of the program. */
public final class CommitCutter implements AutoCloseable {
  /** What becomes of the COMMIT. The program loses its connection in any case. */
  public enum Cut {
    /** The server never reads it. */
    LOST,
    /** The server commits, and its answer is lost. */
    UNANSWERED,
    /** The server reads it after {@link #release}. */
    LATE
  }

  private final ServerSocket listener;
  private final int server;
  private final String statement;
  private final AtomicReference<@Nullable Cut> next = new AtomicReference<>();
  private volatile boolean forGood;
  private final CountDownLatch released = new CountDownLatch(1);

  /**
   * Listens in front of a server on a port of loopback.
   *
   * @param statement a part of the last statement before the COMMIT
   */
  public CommitCutter(int server, String statement) {
    this.server = server;
    this.statement = statement;
    try {
      listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
    start(this::accept);
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** Cuts the next COMMIT. */
  public void cut(Cut how) {
    next.set(how);
  }

  /** Cuts the next COMMIT, and refuses connections from then on. */
  public void cutForGood(Cut how) {
    forGood = true;
    cut(how);
  }

  /** Lets the server read a COMMIT that was held. */
  public void release() {
    released.countDown();
  }

  private void accept() throws IOException {
    while (true) {
      Socket program = listener.accept();
      Socket database = new Socket(InetAddress.getLoopbackAddress(), server);
      start(() -> pass(program, database));
    }
  }

  private void pass(Socket program, Socket database) throws Exception {
    try (program;
        database) {
      CountDownLatch answered = new CountDownLatch(1);
      AtomicReference<@Nullable Cut> cut = new AtomicReference<>();
      start(
          () -> {
            try (program) {
              OutputStream out = program.getOutputStream();
              read(
                  database,
                  answer -> {
                    if (cut.get() == null) {
                      out.write(answer);
                      return true;
                    }
                    answered.countDown();
                    return false;
                  });
            }
          });
      OutputStream out = database.getOutputStream();
      // The packet after the statement is the COMMIT, which may have no words.
      AtomicBoolean written = new AtomicBoolean();
      read(
          program,
          sent -> {
            if (written.get()) {
              cut.set(next.getAndSet(null));
              if (cut.get() != null && forGood) {
                listener.close();
              }
            }
            written.set(new String(sent, StandardCharsets.ISO_8859_1).contains(statement));
            if (cut.get() == Cut.LATE) {
              program.close();
              released.await();
            }
            if (cut.get() != Cut.LOST) {
              out.write(sent);
            }
            if (cut.get() == Cut.UNANSWERED || cut.get() == Cut.LATE) {
              answered.await();
            }
            return cut.get() == null;
          });
    }
  }

  private interface Receiver {
    /** Returns whether to read on. */
    boolean receive(byte[] bytes) throws IOException, InterruptedException;
  }

  private static void read(Socket from, Receiver receiver)
      throws IOException, InterruptedException {
    InputStream in = from.getInputStream();
    byte[] buffer = new byte[1 << 16];
    int count = in.read(buffer);
    while (count >= 0 && receiver.receive(Arrays.copyOf(buffer, count))) {
      count = in.read(buffer);
    }
  }

  private interface Work {
    void run() throws Exception;
  }

  private static void start(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (Exception closed) {
                // One side has ended the connection.
              }
            },
            "commit-cutter");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    release();
    listener.close();
  }
}
