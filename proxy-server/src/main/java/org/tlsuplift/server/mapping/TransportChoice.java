package org.tlsuplift.server.mapping;

import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.server.config.ServerConfig;

/**
 * The transport of a daemon, which stays the same until it ends.
 *
 * @param reason why it is not io_uring, or empty
 */
public record TransportChoice(Transport transport, String reason) {
  /**
   * Chooses io_uring for {@code transport: auto} if a trial works. Blocks for some milliseconds.
   *
   * @param untried what the configuration resolves to without a trial
   */
  public static TransportChoice of(ServerConfig.Transport setting, Transport untried) {
    if (setting != ServerConfig.Transport.AUTO || untried != Transport.EPOLL) {
      return new TransportChoice(untried, "");
    }
    return Transport.uringFailure()
        .map(
            failure ->
                new TransportChoice(
                    untried, "io_uring does not work here: " + ConfigMapper.rootMessage(failure)))
        .orElseGet(() -> new TransportChoice(Transport.IO_URING, ""));
  }

  /** For the operator. */
  public String text() {
    return transport.label() + (reason.isEmpty() ? "" : ", because " + reason);
  }
}
