package org.tlsuplift.proxy.tls;

import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.tlsuplift.proxy.model.TlsVersion;

/** Runs a handshake between two engines without a socket. */
public final class InMemoryHandshake {
  private static final int BUFFER = 64 * 1024;
  private static final int MAX_ROUNDS = 50;

  private InMemoryHandshake() {}

  /** Runs the handshake until both engines have finished, and releases them. */
  public static void run(SSLEngine origin, SSLEngine server) throws SSLException {
    try {
      ByteBuffer toServer = ByteBuffer.allocate(BUFFER);
      ByteBuffer toOrigin = ByteBuffer.allocate(BUFFER);
      origin.beginHandshake();
      server.beginHandshake();
      for (int round = 0; round < MAX_ROUNDS; round++) {
        boolean originDone = step(origin, toOrigin, toServer);
        boolean serverDone = stepServer(server, origin, toServer, toOrigin);
        if (originDone && serverDone && toServer.position() == 0 && toOrigin.position() == 0) {
          return;
        }
      }
      throw new SSLException("the handshake did not finish");
    } finally {
      ReferenceCountUtil.release(origin);
      ReferenceCountUtil.release(server);
    }
  }

  /**
   * Replies to the ClientHello of an origin-side engine with a ServerHello of this version.
   *
   * @throws SSLException if the engine refuses the version
   */
  public static void answerWith(SSLEngine origin, TlsVersion version) throws SSLException {
    try {
      ByteBuffer toServer = ByteBuffer.allocate(BUFFER);
      ByteBuffer toOrigin = ByteBuffer.allocate(BUFFER);
      origin.beginHandshake();
      step(origin, toOrigin, toServer);
      toOrigin.put(serverHello(version));
      // The first step sends the alert, the second throws its cause.
      step(origin, toOrigin, toServer);
      step(origin, toOrigin, toServer);
    } finally {
      ReferenceCountUtil.release(origin);
    }
  }

  /** One record with a ServerHello (RFC 5246 section 7.4.1.3) that chooses an offered suite. */
  private static byte[] serverHello(TlsVersion version) {
    byte[] random = new byte[32];
    short code = (short) version.code();
    short body = (short) (2 + random.length + 1 + 2 + 1);
    ByteBuffer record = ByteBuffer.allocate(5 + 4 + body);
    record.put((byte) 22).putShort(code).putShort((short) (4 + body));
    record.put((byte) 2).put((byte) 0).putShort(body);
    record.putShort(code).put(random);
    // no session, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, no compression
    record.put((byte) 0).putShort((short) 0xc013).put((byte) 0);
    return record.array();
  }

  /**
   * Runs a step of the server. If both engines fail, throws the error of the origin's engine, which
   * is the cause.
   */
  private static boolean stepServer(
      SSLEngine server, SSLEngine origin, ByteBuffer toServer, ByteBuffer toOrigin)
      throws SSLException {
    try {
      return step(server, toServer, toOrigin);
    } catch (SSLException complaint) {
      try {
        step(origin, toOrigin, toServer);
      } catch (SSLException cause) {
        cause.addSuppressed(complaint);
        throw cause;
      }
      throw complaint;
    }
  }

  /** Runs what the engine has delegated, such as a signature. Returns whether there was any. */
  private static boolean runTask(SSLEngine engine) {
    Runnable task = engine.getDelegatedTask();
    if (task != null) {
      task.run();
    }
    return task != null;
  }

  /** Reads and writes the pending bytes. Returns whether this side's handshake is complete. */
  private static boolean step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
    ByteBuffer application = ByteBuffer.allocate(BUFFER);
    in.flip();
    try {
      SSLEngineResult result;
      do {
        result = engine.unwrap(in, application);
      } while (runTask(engine) || (in.hasRemaining() && result.bytesConsumed() > 0));
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
