package org.tlsuplift.proxy.accept;

import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.upstream.dial.OpenFiles;

/** A listener's address cannot be bound; the message names listener, address, cause and remedy. */
public final class BindFailedException extends OperatorException {
  private static final long serialVersionUID = 1L;

  private final String problem;
  private final int port;

  BindFailedException(ListenerSpec spec, InetSocketAddress address, Throwable cause) {
    this(
        problem(spec, address, String.valueOf(cause.getMessage())),
        remedy(spec, cause),
        cause,
        address.getPort());
  }

  private BindFailedException(String problem, String remedy, @Nullable Throwable cause, int port) {
    super(problem + remedy, cause);
    this.problem = problem;
    this.port = port;
  }

  /** An option that was set before the port was bound differs in a reload. */
  static BindFailedException changedOption(
      ListenerSpec spec, InetSocketAddress address, String option) {
    return new BindFailedException(
        problem(spec, address, "its port is open, and '" + option + "' changed"),
        "; restart the daemon, or set another 'bind'",
        null,
        address.getPort());
  }

  /** This failure, with the explanation if one of this process's own ports is the cause. */
  BindFailedException becauseOf(List<InetSocketAddress> own) {
    return own.stream()
        .filter(address -> address.getPort() == port && problem.contains("in use"))
        .findFirst()
        .map(
            address ->
                new BindFailedException(
                    problem,
                    "; this daemon itself listens on %s, and a reload binds new ports before it closes old ones; restart the daemon, or set another 'bind'"
                        .formatted(text(address)),
                    getCause(),
                    port))
        .orElse(this);
  }

  private static String problem(ListenerSpec spec, InetSocketAddress address, String what) {
    return "listener '" + spec.name() + "' cannot listen on " + text(address) + ": " + what;
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
