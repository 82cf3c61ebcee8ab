package org.tlsuplift.proxy.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.tlsuplift.proxy.model.HostPort;

/** An origin without TLS that follows a script, with one thread for each connection. */
public final class PlainOrigin implements AutoCloseable {
  /** The script for a connection after a request head. The connection is closed afterwards. */
  @FunctionalInterface
  public interface Script {
    /** Runs when a request head has arrived. */
    void run(Socket device) throws Exception;
  }

  /** The request heads that arrived. */
  public final List<String> requests = new CopyOnWriteArrayList<>();

  /** The bytes that arrived after request heads, if the script did not read them. */
  public final List<String> rests = new CopyOnWriteArrayList<>();

  private final ServerSocket server;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "plain-origin");
            thread.setDaemon(true);
            return thread;
          });

  /** Listens on loopback. */
  public PlainOrigin(Script script) {
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
              socket.setTcpNoDelay(true);
              threads.execute(() -> serve(socket, script));
            } catch (IOException closed) {
              return;
            }
          }
        });
  }

  private void serve(Socket socket, Script script) {
    try (socket) {
      requests.add(readHead(socket.getInputStream()));
      script.run(socket);
      socket.shutdownOutput();
      byte[] rest = socket.getInputStream().readAllBytes();
      rests.add(new String(rest, StandardCharsets.ISO_8859_1));
    } catch (Exception ended) {
      // Tests check the device's result.
    }
  }

  /** Reads up to an empty line. */
  public static String readHead(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    for (int next = in.read(); next >= 0; next = in.read()) {
      head.write(next);
      if (next == '\n' && head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
        break;
      }
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  public static void say(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
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
