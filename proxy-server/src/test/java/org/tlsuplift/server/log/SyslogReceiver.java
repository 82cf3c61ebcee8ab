package org.tlsuplift.server.log;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.tlsuplift.proxy.testing.ClientAuthority;

/** A syslog server with TLS, which reads lengths and messages as RFC 5425 says. */
final class SyslogReceiver implements AutoCloseable {
  private static final String PASSWORD = "test";

  final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
  private final SSLServerSocket server;
  private volatile SSLSocket connection;

  SyslogReceiver(ClientAuthority.Issued identity, int port, String... versions) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(new ByteArrayInputStream(identity.pkcs12(PASSWORD)), PASSWORD.toCharArray());
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    server =
        (SSLServerSocket)
            context
                .getServerSocketFactory()
                .createServerSocket(port, 5, InetAddress.getByName("127.0.0.1"));
    if (versions.length > 0) {
      server.setEnabledProtocols(versions);
    }
    Thread thread = new Thread(this::serve, "syslog-receiver");
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return server.getLocalPort();
  }

  private void serve() {
    while (!server.isClosed()) {
      try (SSLSocket accepted = (SSLSocket) server.accept()) {
        connection = accepted;
        read(accepted.getInputStream());
      } catch (IOException next) {
        // The next connection may be better.
      }
    }
  }

  private void read(InputStream input) throws IOException {
    int length = 0;
    for (int each = input.read(); each >= 0; each = input.read()) {
      if (each != ' ') {
        length = length * 10 + each - '0';
        continue;
      }
      messages.add(new String(input.readNBytes(length), StandardCharsets.UTF_8));
      length = 0;
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    SSLSocket open = connection;
    if (open != null) {
      open.close();
    }
  }
}
