package org.tlsuplift.server.it.device;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.peer.Conversations;

/** A device that sends any bytes whatever: for what no TLS stack would do. */
public final class RawDevice implements AutoCloseable {
  /** Alert record, fatal, in TLS 1.0: what is written before a version has been agreed to. */
  private static final String FATAL_ALERT = "150301000202";

  private final Socket socket;

  private RawDevice(Socket socket) {
    this.socket = socket;
  }

  public static RawDevice to(InetSocketAddress listener) throws IOException {
    return new RawDevice(Loopback.connect(listener));
  }

  /** Connects from another address of the loopback network, {@code 127.0.0.last}. */
  public static RawDevice from(int last, InetSocketAddress listener) throws IOException {
    return new RawDevice(Loopback.connect(last, listener));
  }

  /** Connects to an HTTP proxy and has itself connected, with these header lines. */
  public static RawDevice through(InetSocketAddress listener, String origin, String... headers)
      throws IOException {
    RawDevice device = to(listener);
    String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
    device.send("CONNECT " + origin + " HTTP/1.1\r\nHost: " + origin + "\r\n" + more + "\r\n");
    String answer = Conversations.readHead(device.socket.getInputStream());
    if (!answer.startsWith("HTTP/1.1 200 ")) {
      throw new AssertionError("CONNECT " + origin + " was answered with " + answer);
    }
    return device;
  }

  /**
   * A hello of TLS 1.0 with TLS_RSA_WITH_AES_128_CBC_SHA only and no extensions, as the oldest
   * devices send it.
   */
  public static byte[] hello() {
    String body = "0301" + "5a".repeat(32) + "00" + "0002002f" + "0100";
    return HexFormat.of().parseHex("160301002d" + "01000029" + body);
  }

  public void send(String text) throws IOException {
    send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  public void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /** Waits for one byte of an answer; -1 at the end. */
  public int readOne() throws IOException {
    return socket.getInputStream().read();
  }

  /** All that comes until the other side ends the connection. */
  public byte[] readAll() throws IOException {
    return socket.getInputStream().readAllBytes();
  }

  public String readText() throws IOException {
    return new String(readAll(), StandardCharsets.ISO_8859_1);
  }

  /** The fatal alert that this ends with, or -1. */
  public static int alertIn(byte[] bytes) {
    String hex = HexFormat.of().formatHex(bytes);
    return hex.startsWith(FATAL_ALERT, hex.length() - FATAL_ALERT.length() - 2)
        ? Integer.parseInt(hex.substring(hex.length() - 2), 16)
        : -1;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
