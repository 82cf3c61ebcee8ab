package org.tlsuplift.server.log;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.background.Backoff;

/**
 * Sends messages to a syslog server, and connects again after a failure.
 *
 * <p>{@link #send} waits until the server has the message, so that the bounded queue in front of it
 * fills, drops and counts. It is for one thread; {@link #close} is for any.
 */
public final class SyslogOutput implements AutoCloseable {
  private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(30));

  private final SyslogServer server;
  private final SyslogFormat format;
  private final BiConsumer<SyslogServer, IOException> unreachable;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile @Nullable SyslogConnection connection;

  /**
   * Opens nothing yet.
   *
   * @param unreachable is called when the server cannot be reached, once until a message is sent
   *     again
   */
  public SyslogOutput(SyslogServer server, BiConsumer<SyslogServer, IOException> unreachable) {
    this.server = server;
    this.format =
        new SyslogFormat(
            server.facility(), SyslogFormat.thisMachine(), ProcessHandle.current().pid());
    this.unreachable = unreachable;
  }

  /** Sends a message, and returns true; false if this is closed before. */
  public boolean send(SyslogMessage message) {
    byte[] bytes = format.bytes(message);
    int failures = 0;
    boolean again = connection != null;
    while (closing.getCount() > 0) {
      try {
        connected().send(bytes);
        return true;
      } catch (IOException failed) {
        disconnect();
        if (again) {
          // The connection was open, and may only be too old: a new one is worth a try.
          again = false;
          continue;
        }
        failures++;
        if (failures == 1 && closing.getCount() > 0) {
          unreachable.accept(server, failed);
        }
        if (closes(BACKOFF.after(failures))) {
          break;
        }
      }
    }
    disconnect();
    return false;
  }

  private SyslogConnection connected() throws IOException {
    SyslogConnection open = connection;
    if (open == null) {
      open = SyslogConnection.open(server);
      connection = open;
      if (closing.getCount() == 0) {
        throw new IOException("closed");
      }
    }
    return open;
  }

  private void disconnect() {
    SyslogConnection open = connection;
    connection = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException alreadyBroken) {
        // It is broken, and nothing can be saved.
      }
    }
  }

  /** Why a server cannot be reached, for people. */
  public static String detail(IOException failed) {
    Throwable cause = failed;
    while (cause.getCause() != null && cause.getCause().getMessage() != null) {
      cause = cause.getCause();
    }
    return failed.equals(cause) ? failed.toString() : failed.getMessage() + ": " + cause;
  }

  private boolean closes(Duration pause) {
    try {
      return closing.await(pause.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** Ends the connection, and a blocked {@link #send}. */
  @Override
  public void close() {
    closing.countDown();
    disconnect();
  }
}
