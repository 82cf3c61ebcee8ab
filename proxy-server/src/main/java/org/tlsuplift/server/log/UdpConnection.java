package org.tlsuplift.server.log;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;

/** One datagram for each message (RFC 5426). Nobody knows whether it arrives. */
final class UdpConnection implements SyslogConnection {
  private final DatagramSocket socket = new DatagramSocket();
  private final InetAddress host;
  private final int port;

  UdpConnection(SyslogServer.Address.Udp address) throws IOException {
    port = address.port();
    try {
      host = InetAddress.getByName(address.host());
    } catch (IOException unknown) {
      socket.close();
      throw unknown;
    }
  }

  @Override
  public void send(byte[] message) throws IOException {
    socket.send(new DatagramPacket(message, message.length, host, port));
  }

  @Override
  public void close() {
    socket.close();
  }
}
