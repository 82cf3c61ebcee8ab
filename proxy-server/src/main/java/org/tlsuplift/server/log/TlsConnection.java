package org.tlsuplift.server.log;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.tls.OriginTrust;

/**
 * Messages over TLS 1.2 or 1.3 with a verified certificate, each with its length (RFC 5425).
 *
 * <p>It blocks, which is fine on the thread that writes the log; another one reads. Protocol
 * versions and cipher suites are set here, because an antique listener allows weak ones in the
 * whole JVM.
 */
final class TlsConnection implements SyslogConnection {
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
  private static final Duration HANDSHAKE_LIMIT = Duration.ofSeconds(10);

  private static final List<String> VERSIONS = List.of("TLSv1.3", "TLSv1.2");

  private final Socket socket;
  private final OutputStream output;
  private volatile boolean closedByServer;

  /**
   * @param socket below TLS; closing it ends a blocked call
   */
  private TlsConnection(Socket socket, SSLSocket tls) throws IOException {
    this.socket = socket;
    InputStream input = tls.getInputStream();
    this.output = new BufferedOutputStream(tls.getOutputStream(), SyslogFormat.MAX_LENGTH + 16);
    Thread reader = new Thread(() -> awaitEnd(input), "uplift-syslog-reader");
    reader.setDaemon(true);
    reader.start();
  }

  /** Reads, because only reading notices that the server has closed the connection. */
  private void awaitEnd(InputStream input) {
    try {
      input.transferTo(OutputStream.nullOutputStream());
    } catch (IOException ended) {
      // The connection is closed either way.
    }
    closedByServer = true;
  }

  static TlsConnection open(SyslogServer.Address.Tls address, @Nullable Path trust)
      throws IOException {
    Socket socket = new Socket();
    try {
      socket.connect(
          new InetSocketAddress(address.host(), address.port()), (int) CONNECT_LIMIT.toMillis());
      socket.setSoTimeout((int) HANDSHAKE_LIMIT.toMillis());
      socket.setKeepAlive(true);
      SSLSocket tls =
          (SSLSocket)
              context(trust)
                  .getSocketFactory()
                  .createSocket(socket, address.host(), address.port(), true);
      tls.setSSLParameters(verified(tls.getSSLParameters()));
      tls.startHandshake();
      socket.setSoTimeout(0);
      return new TlsConnection(socket, tls);
    } catch (IOException failed) {
      socket.close();
      throw failed;
    } catch (GeneralSecurityException | IllegalArgumentException unusable) {
      socket.close();
      throw new IOException(unusable.getMessage(), unusable);
    }
  }

  private static SSLParameters verified(SSLParameters parameters) {
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    parameters.setProtocols(VERSIONS.toArray(String[]::new));
    parameters.setCipherSuites(
        Arrays.stream(parameters.getCipherSuites())
            .filter(
                suite ->
                    suite.matches(
                        "TLS_(ECDHE_(RSA|ECDSA)_WITH_)?(AES|CHACHA20)_?\\w*(GCM|POLY1305)_\\w+"))
            .toArray(String[]::new));
    return parameters;
  }

  /**
   * Verifies chains like those of origins. Names follow RFC 5425 section 5.2, which allows the
   * common name of a certificate without a DNS name; the JDK compares it with name constraints too.
   */
  private static SSLContext context(@Nullable Path trust)
      throws IOException, GeneralSecurityException {
    OriginTrust roots = trust == null ? OriginTrust.system() : OriginTrust.of(trust);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {roots.chains()}, null);
    return context;
  }

  @Override
  public void send(byte[] message) throws IOException {
    if (closedByServer) {
      throw new IOException("the server has closed the connection");
    }
    output.write((message.length + " ").getBytes(StandardCharsets.US_ASCII));
    output.write(message);
    output.flush();
  }

  boolean isClosedByServer() {
    return closedByServer;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
