package org.tlsuplift.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.testing.TestAuthority;

/**
 * Up to TLS 1.2 the JDK's engine replies to a close_notify at once and then sends nothing more, as
 * RFC 5246 section 7.2.1 requires; no setting changes this. So a device on that engine that ends
 * its direction gets no more data. In TLS 1.3 the engine continues (RFC 8446 section 6.1).
 *
 * <p>The proxy cannot hold the alert's record back from the engine until the origin has ended. Only
 * the type of the record, 21, is readable. Its content and its MAC are not, so the proxy could not
 * distinguish a close_notify from a fatal alert, or from a record that an attacker injects. If the
 * origin then got a close_notify, it would accept truncated data as complete (a truncation attack).
 * If it got none, a device that waits for the reply to its close_notify would wait without end.
 */
class JdkCloseNotifyTest {
  private static final TestAuthority AUTHORITY = TestAuthority.create();
  private static final int BUFFER = 1 << 17;

  private final ByteBuffer toServer = ByteBuffer.allocate(BUFFER);
  private final ByteBuffer toDevice = ByteBuffer.allocate(BUFFER);

  @ParameterizedTest
  @CsvSource({"TLSv1, true", "TLSv1.2, true", "TLSv1.3, false"})
  void endsItsOwnDirectionToo(String version, boolean ends) throws Exception {
    SSLEngine device = engine(AUTHORITY.trusting(), true, version);
    SSLEngine server = engine(AUTHORITY.serving("localhost"), false, version);
    device.beginHandshake();
    server.beginHandshake();
    for (int round = 0; round < 20; round++) {
      step(device, toDevice, toServer);
      step(server, toServer, toDevice);
    }
    assertThat(server.getSession().getProtocol()).isEqualTo(version);

    device.closeOutbound();
    step(device, toDevice, toServer);
    step(server, toServer, toDevice);

    assertThat(server.isInboundDone()).isTrue();
    assertThat(server.isOutboundDone()).isEqualTo(ends);
  }

  private static SSLEngine engine(SSLContext context, boolean client, String version) {
    SSLEngine engine = context.createSSLEngine("localhost", 443);
    engine.setUseClientMode(client);
    engine.setEnabledProtocols(new String[] {version});
    return engine;
  }

  private static void step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
    ByteBuffer application = ByteBuffer.allocate(BUFFER);
    in.flip();
    while (in.hasRemaining() && engine.unwrap(in, application).bytesConsumed() > 0) {
      run(engine);
    }
    in.compact();
    run(engine);
    while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP
        && engine.wrap(ByteBuffer.allocate(0), out).bytesProduced() > 0) {
      run(engine);
    }
  }

  private static void run(SSLEngine engine) {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
  }
}
