package org.tlsuplift.proxy.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.tlsuplift.proxy.model.HostPort;

/** A mail origin that follows a script, with one thread for each connection. */
public final class MailOriginServer implements AutoCloseable {
  /** The script for a connection, which is closed afterwards. */
  @FunctionalInterface
  public interface Script {
    /** Runs when a connection is accepted. */
    void run(MailTalk talk) throws Exception;
  }

  /** The exceptions of scripts, for the message of a failed test. */
  public final List<Exception> failures = new CopyOnWriteArrayList<>();

  private final ServerSocket server;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "mail-origin");
            thread.setDaemon(true);
            return thread;
          });

  /** Listens on loopback. */
  public MailOriginServer(Script script) {
    try {
      server = new ServerSocket(0, 100, InetAddress.getByName("127.0.0.1"));
    } catch (IOException broken) {
      throw new IllegalStateException(broken);
    }
    threads.execute(
        () -> {
          while (!server.isClosed()) {
            try {
              Socket socket = server.accept();
              threads.execute(() -> serve(socket, script));
            } catch (IOException closed) {
              return;
            }
          }
        });
  }

  private void serve(Socket socket, Script script) {
    try (MailTalk talk = new MailTalk(socket)) {
      script.run(talk);
    } catch (Exception failed) {
      failures.add(failed);
    }
  }

  /** The address with another host name. */
  public HostPort as(String name) {
    return new HostPort(name, server.getLocalPort());
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException broken) {
      throw new IllegalStateException(broken);
    }
    threads.shutdownNow();
  }
}
