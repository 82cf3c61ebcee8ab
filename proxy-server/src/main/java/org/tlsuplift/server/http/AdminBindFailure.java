package org.tlsuplift.server.http;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Locale;
import org.tlsuplift.proxy.outcome.OperatorException;

/** Explains why the admin server cannot listen. */
final class AdminBindFailure {
  private AdminBindFailure() {}

  /** The message is one line: the address, the cause and the remedy. */
  static OperatorException of(InetSocketAddress address, Throwable cause) {
    String where = address.getHostString() + ":" + address.getPort();
    String reason = String.valueOf(cause.getMessage());
    return new OperatorException(
        "admin.bind: cannot listen on " + where + ": " + remedy(address, reason), cause);
  }

  private static String remedy(InetSocketAddress address, String reason) {
    InetAddress host = address.getAddress();
    if (host == null) {
      return "the host name does not resolve; set an address of this machine, such as"
          + " 127.0.0.1:9464";
    }
    if (!isOfThisMachine(host)) {
      return "no interface of this machine has that address; set one of its addresses, or"
          + " 0.0.0.0 for all";
    }
    if (reason.toLowerCase(Locale.ROOT).contains("in use")) {
      return "the port is already in use; stop the program that uses it ('ss -ltnp' names it),"
          + " or set another port in admin.bind";
    }
    if (address.getPort() < 1024) {
      return "ports below 1024 need a privilege ("
          + reason
          + "); set a port from 1024 to 65535 in admin.bind";
    }
    return reason + "; set an address of this machine and a free port in admin.bind";
  }

  private static boolean isOfThisMachine(InetAddress host) {
    try {
      return host.isAnyLocalAddress()
          || host.isLoopbackAddress()
          || NetworkInterface.getByInetAddress(host) != null;
    } catch (SocketException unknown) {
      return true;
    }
  }
}
