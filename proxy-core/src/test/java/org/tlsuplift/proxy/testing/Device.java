package org.tlsuplift.proxy.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.tlsuplift.proxy.model.HostPort;

/** A device on the JDK's own TLS, in the versions that a test needs. */
public final class Device {
  private static final int TIMEOUT_MILLIS = 60_000;

  private Device() {}

  /** Requests a tunnel from an HTTP proxy; returns the status line. */
  public static String connect(Socket socket, HostPort target) throws IOException {
    return request(socket, "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n\r\n");
  }

  /** Sends a request head and reads the response head byte by byte; returns the status line. */
  public static String request(Socket socket, String head) throws IOException {
    socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
    InputStream in = socket.getInputStream();
    StringBuilder answer = new StringBuilder();
    while (answer.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        break;
      }
      answer.append((char) next);
    }
    return answer.substring(0, Math.max(0, answer.indexOf("\r\n")));
  }

  public static Socket open(InetSocketAddress address) throws IOException {
    Socket socket = new Socket();
    // Otherwise the second of two small writes waits 40 ms for a delayed acknowledgement.
    socket.setTcpNoDelay(true);
    socket.connect(address, TIMEOUT_MILLIS);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    return socket;
  }

  /** Connects with CONNECT and completes a handshake that verifies the name. */
  public static SSLSocket through(
      InetSocketAddress proxy, HostPort target, SSLContext context, String... protocols)
      throws IOException {
    Socket socket = open(proxy);
    String status = connect(socket, target);
    if (!status.startsWith("HTTP/1.1 200")) {
      socket.close();
      throw new IOException(status);
    }
    return handshake(socket, target.host(), context, protocols);
  }

  /** Completes a handshake that verifies the name. */
  public static SSLSocket handshake(
      Socket socket, String name, SSLContext context, String... protocols) throws IOException {
    SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(socket, name, 443, true);
    tls.setEnabledProtocols(protocols);
    SSLParameters parameters = tls.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    tls.setSSLParameters(parameters);
    tls.startHandshake();
    return tls;
  }

  public static String exchange(Socket socket, String line) throws IOException {
    socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    return readLine(new BufferedInputStream(socket.getInputStream(), 1));
  }

  public static String readLine(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
      line.append((char) next);
    }
    return line.toString();
  }
}
