package org.tlsuplift.server.log;

import java.io.Closeable;
import java.io.IOException;
import org.tlsuplift.proxy.model.UnhandledVariantException;

/** A way to a syslog server. For one thread, except {@link #close}, which ends a blocked call. */
interface SyslogConnection extends Closeable {
  /** Sends one message; may block. */
  void send(byte[] message) throws IOException;

  /** Opens a connection; may block. */
  static SyslogConnection open(SyslogServer server) throws IOException {
    SyslogServer.Address address = server.address();
    if (address instanceof SyslogServer.Address.Udp udp) {
      return new UdpConnection(udp);
    }
    if (address instanceof SyslogServer.Address.Tls tls) {
      return TlsConnection.open(tls, server.trust());
    }
    if (address instanceof SyslogServer.Address.Unix unix) {
      return UnixConnection.open(unix);
    }
    throw new UnhandledVariantException(address);
  }
}
