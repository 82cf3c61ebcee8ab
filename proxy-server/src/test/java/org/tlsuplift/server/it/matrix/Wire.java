package org.tlsuplift.server.it.matrix;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.tlsuplift.server.it.device.Offer;
import org.tlsuplift.server.it.device.Trait;
import org.tlsuplift.server.it.lab.Loopback;

/**
 * The wire between one device and a server. It carries one connection and records its bytes.
 *
 * <p>It can split the device's bytes into the smallest pieces; it changes nothing else. It closes
 * the connection after ten seconds without a byte.
 */
final class Wire implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 10_000;
  private static final int RECORD_HEADER = 5;

  private final ServerSocket front;
  private final InetSocketAddress server;
  private final Offer offer;
  private final ByteArrayOutputStream fromDevice = new ByteArrayOutputStream();
  private final ByteArrayOutputStream fromServer = new ByteArrayOutputStream();
  private final List<Socket> sockets = new ArrayList<>();
  private final Thread thread = new Thread(this::carry, "wire");

  private Wire(ServerSocket front, InetSocketAddress server, Offer offer) {
    this.front = front;
    this.server = server;
    this.offer = offer;
  }

  static Wire to(InetSocketAddress server, Offer offer) {
    try {
      Wire wire = new Wire(new ServerSocket(0, 1, Loopback.V4), server, offer);
      wire.thread.setDaemon(true);
      wire.thread.start();
      return wire;
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  InetSocketAddress address() {
    return new InetSocketAddress(Loopback.V4, front.getLocalPort());
  }

  /** All that went over it, once it is closed. */
  Traffic traffic() {
    return new Traffic(fromDevice.toByteArray(), fromServer.toByteArray());
  }

  private void carry() {
    try (Socket device = open(front.accept());
        Socket far = open(new Socket())) {
      far.connect(server, TIMEOUT_MILLIS);
      Thread back = new Thread(() -> copy(far, device, fromServer, false), "wire back");
      back.start();
      copy(device, far, fromDevice, true);
      back.join();
    } catch (IOException | InterruptedException ended) {
      // The device came not, or the wire was closed: what was carried until then is kept.
    }
  }

  private synchronized Socket open(Socket socket) throws IOException {
    sockets.add(socket);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.setTcpNoDelay(true);
    return socket;
  }

  private void copy(Socket from, Socket to, ByteArrayOutputStream kept, boolean cut) {
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      if (cut && offer.has(Trait.HELLO_IN_RECORDS)) {
        cutHello(in, out, kept);
      }
      byte[] some = new byte[16 * 1024];
      for (int read = in.read(some); read >= 0; read = in.read(some)) {
        kept.write(some, 0, read);
        int piece = cut && offer.has(Trait.BYTE_SEGMENTS) ? 1 : read;
        for (int at = 0; at < read; at += piece) {
          out.write(some, at, piece);
        }
      }
      to.shutdownOutput();
    } catch (IOException ended) {
      close(from);
      close(to);
    }
  }

  /** The hello is no secret yet, and nothing vouches for how it was cut into records. */
  private static void cutHello(InputStream in, OutputStream out, ByteArrayOutputStream kept)
      throws IOException {
    byte[] header = in.readNBytes(RECORD_HEADER);
    kept.writeBytes(header);
    int length = (header[3] & 0xff) << 8 | (header[4] & 0xff);
    byte[] body = in.readNBytes(length);
    kept.writeBytes(body);
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    for (byte each : body) {
      records.writeBytes(new byte[] {header[0], header[1], header[2], 0, 1, each});
    }
    out.write(records.toByteArray());
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException gone) {
      // The connection is gone already.
    }
  }

  @Override
  public void close() {
    try {
      front.close();
      // What a device saw was kept before it was carried on; nothing is lost here.
      synchronized (this) {
        sockets.forEach(Wire::close);
      }
      thread.join();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }
}
