package org.tlsuplift.proxy.upstream.dial;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * A name server on loopback, over UDP and TCP. It answers each query for an address with one, or
 * with the responses that a test makes.
 */
final class TestNameServer implements AutoCloseable {
  private final DatagramSocket socket;
  private final ServerSocket tcp;
  final AtomicInteger queries = new AtomicInteger();
  final AtomicInteger tcpQueries = new AtomicInteger();
  final List<Query> received = new CopyOnWriteArrayList<>();
  volatile String answer = "192.0.2.1";
  volatile int ttlSeconds = 4;
  volatile boolean silent;

  /** Makes the datagrams that follow a query. */
  volatile Function<Query, List<byte[]>> responses =
      query -> List.of(query.response(answer, ttlSeconds));

  TestNameServer() {
    try {
      tcp = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
      socket = new DatagramSocket(tcp.getLocalPort(), InetAddress.getLoopbackAddress());
    } catch (IOException taken) {
      throw new UncheckedIOException(taken);
    }
    start(this::serve);
    start(this::serveTcp);
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "dns");
    thread.setDaemon(true);
    thread.start();
  }

  InetSocketAddress address() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  void send(byte[] response, SocketAddress to) throws IOException {
    socket.send(new DatagramPacket(response, response.length, to));
  }

  private void serve() {
    DatagramPacket packet = new DatagramPacket(new byte[512], 512);
    while (!socket.isClosed()) {
      try {
        socket.receive(packet);
        Query query =
            Query.of(
                ByteBuffer.wrap(packet.getData().clone(), 0, packet.getLength()),
                (InetSocketAddress) packet.getSocketAddress());
        received.add(query);
        queries.incrementAndGet();
        if (!silent) {
          for (byte[] response : responses.apply(query)) {
            send(response, query.from());
          }
        }
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serveTcp() {
    while (!tcp.isClosed()) {
      try (Socket connection = tcp.accept()) {
        DataInputStream in = new DataInputStream(connection.getInputStream());
        byte[] bytes = new byte[in.readUnsignedShort()];
        in.readFully(bytes);
        Query query =
            Query.of(
                ByteBuffer.wrap(bytes), (InetSocketAddress) connection.getRemoteSocketAddress());
        tcpQueries.incrementAndGet();
        byte[] response = query.response(answer, ttlSeconds);
        DataOutputStream out = new DataOutputStream(connection.getOutputStream());
        out.writeShort(response.length);
        out.write(response);
        out.flush();
        in.read();
      } catch (IOException closed) {
        // The next connection, or the end.
      }
    }
  }

  @Override
  public void close() {
    socket.close();
    try {
      tcp.close();
    } catch (IOException ignored) {
      // The test is over.
    }
  }

  /**
   * A query.
   *
   * @param question name, type and class
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Query(int id, byte[] question, InetSocketAddress from) {
    static Query of(ByteBuffer bytes, InetSocketAddress from) {
      int end = 12;
      while (bytes.get(end) != 0) {
        end += bytes.get(end) + 1;
      }
      byte[] question = new byte[end + 5 - 12];
      bytes.get(12, question);
      return new Query(bytes.getShort(0) & 0xffff, question, from);
    }

    String name() {
      StringBuilder name = new StringBuilder();
      for (int at = 0; question[at] != 0; at += question[at] + 1) {
        name.append(new String(question, at + 1, question[at], StandardCharsets.US_ASCII));
        name.append('.');
      }
      return name.toString();
    }

    Query withId(int other) {
      return new Query(other & 0xffff, question, from);
    }

    Query inLowerCase() {
      byte[] lower = question.clone();
      for (int i = 0; i < lower.length - 4; i++) {
        lower[i] = (byte) Character.toLowerCase(lower[i]);
      }
      return new Query(id, lower, from);
    }

    byte[] response(String address, int ttlSeconds) {
      return message(0x8180, address, ttlSeconds);
    }

    byte[] withoutAddress() {
      return message(0x8180, null, 0);
    }

    byte[] truncated() {
      return message(0x8380, null, 0);
    }

    /** RFC 1035 section 4.1, with one A record or none. */
    private byte[] message(int flags, String address, int ttlSeconds) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try {
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeShort(id);
        out.writeShort(flags);
        out.writeShort(1);
        out.writeShort(address == null ? 0 : 1);
        out.writeInt(0);
        out.write(question);
        if (address != null) {
          out.writeShort(0xc00c);
          out.writeShort(1);
          out.writeShort(1);
          out.writeInt(ttlSeconds);
          out.writeShort(4);
          out.write(InetAddress.getByName(address).getAddress());
        }
      } catch (IOException never) {
        throw new UncheckedIOException(never);
      }
      return bytes.toByteArray();
    }
  }
}
