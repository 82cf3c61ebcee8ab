package org.tlsuplift.bench;

import io.netty.channel.EventLoopGroup;
import javax.net.ssl.SSLException;
import org.tlsuplift.bench.load.Origin;

/**
 * The three origins behind both proxies.
 *
 * @param full resumes nothing
 * @param resuming resumes by ticket and by session ID
 * @param rogue has a certificate that neither proxy may accept
 */
record Origins(Origin full, Origin resuming, Origin rogue) {
  static Origins start(EventLoopGroup loops, Origin.Speaks speaks)
      throws SSLException, InterruptedException {
    return new Origins(
        Origin.start(loops, speaks, "origin", false),
        Origin.start(loops, speaks, "origin", true),
        Origin.start(loops, speaks, "rogue", false));
  }

  /** With TLS 1.3 only, and one key exchange. */
  static Origins start(EventLoopGroup loops, KeyExchange keyExchange)
      throws SSLException, InterruptedException {
    return new Origins(
        Origin.start(loops, "origin", keyExchange.group()),
        Origin.start(loops, "origin", keyExchange.group()),
        Origin.start(loops, "rogue", keyExchange.group()));
  }

  Contestant.Ports ports() {
    return new Contestant.Ports(full.port(), resuming.port(), rogue.port());
  }
}
