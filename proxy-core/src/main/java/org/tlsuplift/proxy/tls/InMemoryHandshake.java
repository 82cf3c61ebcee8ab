package org.tlsuplift.proxy.tls;

import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/** Runs a handshake between two engines without a socket. */
final class InMemoryHandshake {
  private static final int BUFFER = 64 * 1024;
  private static final int MAX_ROUNDS = 50;

  private InMemoryHandshake() {}

  /** Returns when both have finished; releases both engines. */
  static void run(SSLEngine origin, SSLEngine server) throws SSLException {
    try {
      ByteBuffer toServer = ByteBuffer.allocateDirect(BUFFER);
      ByteBuffer toOrigin = ByteBuffer.allocateDirect(BUFFER);
      origin.beginHandshake();
      server.beginHandshake();
      for (int round = 0; round < MAX_ROUNDS; round++) {
        boolean originDone = step(origin, toOrigin, toServer);
        boolean serverDone = stepServer(server, origin, toServer, toOrigin);
        if (originDone && serverDone && toServer.position() == 0 && toOrigin.position() == 0) {
          return;
        }
      }
      throw new SSLException("the handshake does not end");
    } finally {
      ReferenceCountUtil.release(origin);
      ReferenceCountUtil.release(server);
    }
  }

  /**
   * A step in which the origin's reason, if it has one, comes before the server's complaint about
   * it.
   */
  private static boolean stepServer(
      SSLEngine server, SSLEngine origin, ByteBuffer toServer, ByteBuffer toOrigin)
      throws SSLException {
    try {
      return step(server, toServer, toOrigin);
    } catch (SSLException complaint) {
      step(origin, toOrigin, toServer);
      throw complaint;
    }
  }

  /** Reads what is there, writes what is due; true when the handshake is over on this side. */
  private static boolean step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
    ByteBuffer application = ByteBuffer.allocateDirect(BUFFER);
    in.flip();
    try {
      SSLEngineResult result;
      do {
        result = engine.unwrap(in, application);
      } while (in.hasRemaining() && result.bytesConsumed() > 0);
    } finally {
      in.compact();
    }
    while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
      if (engine.wrap(ByteBuffer.allocate(0), out).bytesProduced() == 0) {
        break;
      }
    }
    HandshakeStatus status = engine.getHandshakeStatus();
    return status == HandshakeStatus.NOT_HANDSHAKING || status == HandshakeStatus.FINISHED;
  }
}
