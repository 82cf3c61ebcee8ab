package org.tlsuplift.proxy.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.tlsuplift.proxy.model.HostPort;

/** An origin on the JDK's own TLS, with one thread for each connection. */
public final class Origin implements AutoCloseable {
  /** The script for a connection, whose socket is closed afterwards. */
  @FunctionalInterface
  public interface Script {
    /** Runs after the handshake. */
    void run(SSLSocket socket) throws Exception;
  }

  private final SSLServerSocket server;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "origin");
            thread.setDaemon(true);
            return thread;
          });
  private final AtomicInteger accepted = new AtomicInteger();

  private Origin(SSLServerSocket server, CountDownLatch gate, Script script) {
    this.server = server;
    threads.execute(
        () -> {
          while (!server.isClosed()) {
            try {
              SSLSocket socket = (SSLSocket) server.accept();
              socket.setTcpNoDelay(true);
              accepted.incrementAndGet();
              threads.execute(() -> serve(socket, gate, script));
            } catch (IOException closed) {
              return;
            }
          }
        });
  }

  /** Listens on loopback with these versions. */
  public static Origin start(SSLContext context, Script script, String... protocols) {
    return start(context, List.of(), new CountDownLatch(0), script, protocols);
  }

  /** Listens on loopback with these versions and ALPN names. */
  public static Origin start(
      SSLContext context, Script script, List<String> applicationProtocols, String... protocols) {
    return start(context, applicationProtocols, new CountDownLatch(0), script, protocols);
  }

  /** Listens on loopback; accepted connections wait for the gate before the handshake. */
  public static Origin gated(
      SSLContext context, CountDownLatch gate, Script script, String... protocols) {
    return start(context, List.of(), gate, script, protocols);
  }

  /** Listens on loopback, and requests or requires a client certificate. */
  public static Origin asking(
      boolean demanding, SSLContext context, Script script, String... protocols) {
    return start(
        context,
        List.of(),
        new CountDownLatch(0),
        script,
        parameters -> {
          if (demanding) {
            parameters.setNeedClientAuth(true);
          } else {
            parameters.setWantClientAuth(true);
          }
        },
        protocols);
  }

  private static Origin start(
      SSLContext context,
      List<String> applicationProtocols,
      CountDownLatch gate,
      Script script,
      String... protocols) {
    return start(context, applicationProtocols, gate, script, parameters -> {}, protocols);
  }

  private static Origin start(
      SSLContext context,
      List<String> applicationProtocols,
      CountDownLatch gate,
      Script script,
      Consumer<SSLParameters> more,
      String... protocols) {
    try {
      SSLServerSocket server =
          (SSLServerSocket)
              context
                  .getServerSocketFactory()
                  .createServerSocket(0, 100, InetAddress.getByName("127.0.0.1"));
      // Set before the first accept, because the JDK copies the settings then.
      SSLParameters parameters = server.getSSLParameters();
      parameters.setProtocols(protocols);
      parameters.setApplicationProtocols(applicationProtocols.toArray(String[]::new));
      more.accept(parameters);
      server.setSSLParameters(parameters);
      return new Origin(server, gate, script);
    } catch (IOException broken) {
      throw new IllegalStateException(broken);
    }
  }

  private static void serve(SSLSocket socket, CountDownLatch gate, Script script) {
    try (socket) {
      gate.await();
      socket.startHandshake();
      script.run(socket);
    } catch (Exception ended) {
      // Tests check the peer's result.
    }
  }

  public int accepted() {
    return accepted.get();
  }

  /** The address with another host name. */
  public HostPort as(String name) {
    return new HostPort(name, server.getLocalPort());
  }

  public InetSocketAddress address() {
    return (InetSocketAddress) server.getLocalSocketAddress();
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
