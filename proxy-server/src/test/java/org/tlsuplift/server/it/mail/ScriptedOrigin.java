package org.tlsuplift.server.it.mail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;

/** An origin without TLS that follows a script. */
public final class ScriptedOrigin implements AutoCloseable {
  private final ServerSocket server;
  private final OriginScript script;

  private ScriptedOrigin(ServerSocket server, OriginScript script) {
    this.server = server;
    this.script = script;
    daemon(this::accept);
  }

  /** Starts an origin that ends with the lab. */
  public static ScriptedOrigin start(Lab lab, OriginScript script) {
    try {
      return lab.add(new ScriptedOrigin(new ServerSocket(0, 50, Loopback.V4), script));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  public String byName() {
    return "localhost:" + server.getLocalPort();
  }

  /** All lines that have come, from everybody. */
  String received() {
    return script.received();
  }

  private void accept() {
    try {
      while (!server.isClosed()) {
        Socket device = server.accept();
        daemon(() -> converse(device));
      }
    } catch (IOException closed) {
      // The end of the test.
    }
  }

  private void converse(Socket device) {
    try (device) {
      script.hold(device);
    } catch (IOException broken) {
      // The device's side of the test reports the error.
    }
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "scripted origin");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
