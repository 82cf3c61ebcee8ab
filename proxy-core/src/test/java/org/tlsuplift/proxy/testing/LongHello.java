package org.tlsuplift.proxy.testing;

import java.io.ByteArrayOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * ClientHellos of any length, in records and TCP segments of any size. The JDK makes them, with as
 * many ALPN names as the length needs, so that a handshake can continue.
 */
public final class LongHello {
  private static final int TIMEOUT_MILLIS = 60_000;
  private static final int HANDSHAKE = 22;
  private static final int RECORD_HEADER = 5;
  private static final int MESSAGE_HEADER = 4;

  /** Long enough that the JDK adds no padding of its own. */
  private static final int SAMPLE = 2000;

  private LongHello() {}

  /** The records of a ClientHello whose message has this length without its header. */
  public static byte[] records(SSLContext context, String version, int length, int record)
      throws IOException {
    return sliced(hello(context, version, names(context, version, length)), record);
  }

  /**
   * Completes a handshake whose ClientHello has this length.
   *
   * @param context not used before, because a session to resume makes the ClientHello longer
   */
  public static SSLSocket handshake(Socket socket, SSLContext context, String version, int length)
      throws IOException {
    SSLSocket device =
        (SSLSocket) context.getSocketFactory().createSocket(socket, "localhost", 443, true);
    device.setSSLParameters(
        with(device.getSSLParameters(), version, names(context, version, length)));
    device.startHandshake();
    return device;
  }

  /**
   * Connects a socket that sends the first handshake message in records and segments of these
   * sizes.
   */
  public static Socket slicing(InetSocketAddress to, int record, int segment) throws IOException {
    Socket socket = new Slicing(record, segment);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.connect(to, TIMEOUT_MILLIS);
    return socket;
  }

  /** The start of a message that has this length without its header, in a record that is full. */
  public static byte[] start(int length) {
    return ByteBuffer.allocate(RECORD_HEADER + (1 << 14))
        .put((byte) HANDSHAKE)
        .putShort((short) 0x0301)
        .putShort((short) (1 << 14))
        .putInt(1 << 24 | length)
        .array();
  }

  private static SSLParameters with(SSLParameters parameters, String version, String[] names) {
    parameters.setProtocols(new String[] {version});
    parameters.setApplicationProtocols(names);
    return parameters;
  }

  private static String[] names(SSLContext context, String version, int length) throws IOException {
    int other = message(hello(context, version, names(SAMPLE))).length - MESSAGE_HEADER - SAMPLE;
    return names(length - other);
  }

  /** ALPN names that have this length in a ClientHello: one byte more for each name. */
  private static String[] names(int length) {
    List<String> names = new ArrayList<>();
    for (int left = length; left > 0; ) {
      // The last name must not be empty, and no two names may be equal.
      int size = left <= 256 ? left - 1 : Math.min(255, left - 13);
      names.add("%010d".formatted(names.size()) + "x".repeat(size - 10));
      left -= size + 1;
    }
    return names.toArray(String[]::new);
  }

  private static byte[] hello(SSLContext context, String version, String[] names)
      throws IOException {
    SSLEngine engine = context.createSSLEngine("localhost", 443);
    engine.setUseClientMode(true);
    engine.setSSLParameters(with(engine.getSSLParameters(), version, names));
    engine.beginHandshake();
    ByteBuffer out = ByteBuffer.allocate(1 << 17);
    while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
      engine.wrap(ByteBuffer.allocate(0), out);
    }
    return Arrays.copyOf(out.array(), out.position());
  }

  /** The payloads of complete records. */
  private static byte[] message(byte[] records) {
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    ByteBuffer in = ByteBuffer.wrap(records);
    while (in.remaining() >= RECORD_HEADER) {
      int length = in.getShort(in.position() + 3);
      if (in.remaining() < RECORD_HEADER + length) {
        break;
      }
      message.write(records, in.position() + RECORD_HEADER, length);
      in.position(in.position() + RECORD_HEADER + length);
    }
    return message.toByteArray();
  }

  private static boolean isComplete(byte[] records) {
    byte[] message = message(records);
    return message.length >= MESSAGE_HEADER
        && message.length >= MESSAGE_HEADER + (ByteBuffer.wrap(message).getInt() & 0xffffff);
  }

  private static byte[] sliced(byte[] records, int size) {
    byte[] message = message(records);
    ByteArrayOutputStream sliced = new ByteArrayOutputStream();
    for (int from = 0; from < message.length; from += size) {
      int length = Math.min(size, message.length - from);
      sliced.write(records, 0, 3);
      sliced.write(length >> 8);
      sliced.write(length);
      sliced.write(message, from, length);
    }
    return sliced.toByteArray();
  }

  /** Holds the first handshake message until it is complete, then sends it in slices. */
  private static final class Slicing extends Socket {
    private final int record;
    private final int segment;
    private final ByteArrayOutputStream held = new ByteArrayOutputStream();
    private boolean sent;

    Slicing(int record, int segment) {
      this.record = record;
      this.segment = segment;
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
      return new FilterOutputStream(super.getOutputStream()) {
        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
          if (sent || (held.size() == 0 && bytes[offset] != HANDSHAKE)) {
            out.write(bytes, offset, length);
            return;
          }
          held.write(bytes, offset, length);
          if (isComplete(held.toByteArray())) {
            sent = true;
            byte[] slices = sliced(held.toByteArray(), record);
            for (int from = 0; from < slices.length; from += segment) {
              out.write(slices, from, Math.min(segment, slices.length - from));
            }
          }
        }
      };
    }
  }
}
