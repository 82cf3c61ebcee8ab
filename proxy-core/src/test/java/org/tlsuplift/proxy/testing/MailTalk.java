package org.tlsuplift.proxy.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** One side of a conversation in lines that may turn to TLS; blocking, for devices and origins. */
public final class MailTalk implements AutoCloseable {
  private Socket socket;
  private InputStream in;

  MailTalk(Socket socket) throws IOException {
    take(socket);
  }

  public static MailTalk to(InetSocketAddress address) throws IOException {
    return new MailTalk(Device.open(address));
  }

  /** A device that begins with TLS and verifies the name. */
  public static MailTalk tls(
      InetSocketAddress address, String name, SSLContext context, String... protocols)
      throws IOException {
    return new MailTalk(Device.handshake(Device.open(address), name, context, protocols));
  }

  private void take(Socket next) throws IOException {
    socket = next;
    // Not buffered beyond a byte: what follows a line may be TLS.
    in = new BufferedInputStream(next.getInputStream(), 1);
  }

  /** Sends text as it is. */
  public MailTalk send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
    return this;
  }

  /** Sends a line. */
  public MailTalk say(String line) throws IOException {
    return send(line + "\r\n");
  }

  /** Reads a line, without its end; empty when the stream has ended. */
  public String hear() throws IOException {
    String line = Device.readLine(in);
    return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
  }

  /** Reads so many bytes, each as a character; fewer when the stream ends. */
  public String hear(int bytes) throws IOException {
    return new String(in.readNBytes(bytes), StandardCharsets.ISO_8859_1);
  }

  /** Reads and forgets all until the stream ends. */
  public void atTheVeryEnd() throws IOException {
    in.transferTo(java.io.OutputStream.nullOutputStream());
  }

  /** Gives up reading after so many milliseconds. */
  public MailTalk patience(int millis) throws IOException {
    socket.setSoTimeout(millis);
    return this;
  }

  /** Says that no more will come, and reads on. */
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

  /** Sends a line and reads lines up to the first that begins so; all of them. */
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

  /** Begins TLS as a device that verifies the name. */
  public MailTalk startTls(String name, SSLContext context, String... protocols)
      throws IOException {
    take(Device.handshake(socket, name, context, protocols));
    return this;
  }

  /** Begins TLS as an origin. */
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
