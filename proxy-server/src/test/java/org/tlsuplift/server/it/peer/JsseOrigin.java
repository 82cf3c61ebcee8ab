package org.tlsuplift.server.it.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;

/** An origin on Java's own TLS, version 1.2 only, that can hold any conversation. */
public final class JsseOrigin implements AutoCloseable {
  /** What an origin does with a connection. */
  @FunctionalInterface
  public interface Conversation {
    /** Talks; the connection is closed afterwards. */
    void hold(SSLSocket device) throws IOException;
  }

  private final SSLServerSocket server;
  private final Conversation conversation;
  private final AtomicInteger connections = new AtomicInteger();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "origin");
            thread.setDaemon(true);
            return thread;
          });

  private JsseOrigin(SSLServerSocket server, Conversation conversation) {
    this.server = server;
    this.conversation = conversation;
    threads.execute(this::accept);
  }

  /** Starts an origin on a free IPv4 port, which ends with the lab. */
  public static JsseOrigin start(Lab lab, Identity identity, Conversation conversation) {
    try {
      var server =
          (SSLServerSocket)
              identity.context().getServerSocketFactory().createServerSocket(0, 50, Loopback.V4);
      server.setEnabledProtocols(new String[] {"TLSv1.2"});
      server.setEnabledCipherSuites(new String[] {Conversations.SUITE});
      return lab.add(new JsseOrigin(server, conversation));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  public InetSocketAddress address() {
    return new InetSocketAddress(Loopback.V4, server.getLocalPort());
  }

  /** The name with its port, as a device would ask for it. */
  public String byName() {
    return "localhost:" + server.getLocalPort();
  }

  public int connections() {
    return connections.get();
  }

  private void accept() {
    try {
      while (!server.isClosed()) {
        Socket device = server.accept();
        connections.incrementAndGet();
        threads.execute(() -> converse((SSLSocket) device));
      }
    } catch (IOException closed) {
      // The end of the test.
    }
  }

  private void converse(SSLSocket device) {
    try (device) {
      conversation.hold(device);
    } catch (IOException broken) {
      // The device's side of the test reports the error.
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    threads.shutdownNow();
  }
}
