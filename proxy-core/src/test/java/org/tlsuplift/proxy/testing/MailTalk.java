package org.tlsuplift.proxy.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

/** One side of a line-based conversation that may start TLS. Blocking, for devices and origins. */
public final class MailTalk implements AutoCloseable {
  private Socket socket;
  private InputStream in;

  MailTalk(Socket socket) throws IOException {
    take(socket);
  }

  public static MailTalk to(InetSocketAddress address) throws IOException {
    return new MailTalk(Device.open(address));
  }

  /** A device that starts with TLS and verifies the name. */
  public static MailTalk tls(
      InetSocketAddress address, String name, SSLContext context, String... protocols)
      throws IOException {
    return new MailTalk(Device.handshake(Device.open(address), name, context, protocols));
  }

  private void take(Socket next) throws IOException {
    socket = next;
    // Otherwise the second of two lines waits 40 ms for a delayed acknowledgement.
    socket.setTcpNoDelay(true);
    // Buffers only one byte, because TLS may follow a line.
    in = new BufferedInputStream(next.getInputStream(), 1);
  }

  /** Sends a text unchanged. */
  public MailTalk send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
    return this;
  }

  /** Sends a line. */
  public MailTalk say(String line) throws IOException {
    return send(line + "\r\n");
  }

  /** Reads a line without its end; empty if the stream has ended. */
  public String hear() throws IOException {
    String line = Device.readLine(in);
    return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
  }

  /** Reads a line with its end, which may be a bare LF; empty if the stream has ended. */
  public String hearWithEnd() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next >= 0; next = in.read()) {
      line.append((char) next);
      if (next == '\n') {
        break;
      }
    }
    return line.toString();
  }

  /** Passes all bytes on to a stream until this side ends. */
  public void passOn(MailTalk other) throws IOException {
    in.transferTo(other.socket.getOutputStream());
  }

  /** Reads {@code bytes} bytes, each as a character; fewer if the stream ends. */
  public String hear(int bytes) throws IOException {
    return new String(in.readNBytes(bytes), StandardCharsets.ISO_8859_1);
  }

  /** Discards all bytes until the stream ends. */
  public void atTheVeryEnd() throws IOException {
    in.transferTo(java.io.OutputStream.nullOutputStream());
  }

  /** Sets the read timeout. */
  public MailTalk timeout(int millis) throws IOException {
    socket.setSoTimeout(millis);
    return this;
  }

  /** Ends the output and continues reading. */
  public void endOutput() throws IOException {
    socket.shutdownOutput();
  }

  public void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  public String ask(String line) throws IOException {
    return say(line).hear();
  }

  /** Sends a line, and returns all lines up to the first with this start. */
  public String askUntil(String line, String lastBegins) throws IOException {
    say(line);
    StringBuilder heard = new StringBuilder();
    while (true) {
      String next = hear();
      heard.append(next).append('\n');
      if (next.startsWith(lastBegins) || next.isEmpty()) {
        return heard.toString();
      }
    }
  }

  public boolean atEnd() throws IOException {
    return in.read() < 0;
  }

  /** Whether the stream ends here without a close_notify, so that it is not complete. */
  public boolean isCut() throws IOException {
    try {
      in.read();
      return false;
    } catch (SSLException noCloseNotify) {
      return true;
    }
  }

  /** Starts TLS as a device that verifies the name. */
  public MailTalk startTls(String name, SSLContext context, String... protocols)
      throws IOException {
    take(Device.handshake(socket, name, context, protocols));
    return this;
  }

  /** Starts TLS as an origin. */
  public MailTalk acceptTls(SSLContext context, String... protocols) throws IOException {
    SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(socket, null, true);
    tls.setUseClientMode(false);
    tls.setEnabledProtocols(protocols);
    tls.startHandshake();
    take(tls);
    return this;
  }

  /** The TLS version agreed, or "none". */
  public String version() {
    return socket instanceof SSLSocket tls ? tls.getSession().getProtocol() : "none";
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
