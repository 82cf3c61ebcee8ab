package org.tlsuplift.proxy.accept;

import java.net.InetSocketAddress;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.upstream.dial.OpenFiles;

/** A listener's address cannot be bound; the message names listener, address, cause and remedy. */
public final class BindFailedException extends Exception {
  private static final long serialVersionUID = 1L;

  BindFailedException(ListenerSpec spec, InetSocketAddress address, Throwable cause) {
    super(
        "listener '"
            + spec.name()
            + "' cannot listen on "
            + text(address)
            + ": "
            + cause.getMessage()
            + remedy(spec, cause),
        cause);
  }

  private static String text(InetSocketAddress address) {
    return address.getHostString() + ":" + address.getPort();
  }

  private static String remedy(ListenerSpec spec, Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    if (message.contains("in use")) {
      return "; stop the program that uses the port ('ss -ltnp' names it) or set another 'bind';"
          + " two processes of one user can share it if both have 'reusePort: true'";
    }
    if (OpenFiles.areTooMany(cause)) {
      return "; " + OpenFiles.REMEDY;
    }
    if (message.contains("not permitted") && spec.needsTransparentSocket()) {
      return "; 'transparent: tproxy' needs the capability CAP_NET_ADMIN (systemd:"
          + " AmbientCapabilities=CAP_NET_ADMIN; containers: --cap-add NET_ADMIN, in Docker and"
          + " Kubernetes also user 0); 'transparent: redirect' needs no capability";
    }
    if (message.contains("ermission")) {
      return "; ports below 1024 need CAP_NET_BIND_SERVICE, or set another 'bind'";
    }
    return "; set 'bind' to an address of this machine";
  }
}
