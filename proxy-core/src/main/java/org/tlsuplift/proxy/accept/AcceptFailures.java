package org.tlsuplift.proxy.accept;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.upstream.dial.OpenFiles;

/**
 * Logs why a port cannot accept connections, at most once a minute.
 *
 * <p>This is the last handler of a listening channel. After a failure, such as too many open files,
 * Netty's own handler stops accepting for a second and then tries again. Without this handler Netty
 * would log a stack trace each second. Runs on the channel's event loop.
 */
public final class AcceptFailures extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(AcceptFailures.class);
  private static final Duration PERIOD = Duration.ofMinutes(1);

  private final String port;
  private long failures;
  private long nextLine = System.nanoTime();

  /**
   * Creates the handler of one port.
   *
   * @param port the port's name in the log
   */
  public AcceptFailures(String port) {
    this.port = port;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    failures++;
    long now = System.nanoTime();
    if (now - nextLine < 0) {
      return;
    }
    nextLine = now + PERIOD.toNanos();
    log.warn("{}: {} (failed accepts since the start: {})", port, text(cause), failures);
  }

  private static String text(Throwable cause) {
    return OpenFiles.areTooMany(cause)
        ? "cannot accept connections: this process has too many open files; %s. The limit is %s. Accepting resumes when files are closed"
            .formatted(OpenFiles.REMEDY, OpenFiles.limit().orElse(0))
        : "cannot accept connections: " + cause.getMessage() + "; retrying each second";
  }
}
