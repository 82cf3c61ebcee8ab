package org.tlsuplift.proxy.tls.hello;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.StandardConstants;
import org.tlsuplift.proxy.tls.SelfTestCertificate;

/** BoringSSL as a server: a second reader of ClientHellos. */
final class BoringSsl {
  private static final int BUFFER = 1 << 17;
  private static final int MAX_STEPS = 100;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
  private static final SslContext SERVER = server();

  private BoringSsl() {}

  /**
   * What it reads in the first bytes of a device.
   *
   * @param serverNames the host name that it reads, if there is one
   * @param version the agreed version, such as {@code TLSv1.2}; another text without an agreement
   * @param reply the bytes that it sends
   */
  record Reading(List<String> serverNames, String version, ByteBuf reply) {}

  static Reading read(byte[] bytes) {
    List<String> names = new ArrayList<>();
    SSLEngine engine = SERVER.newEngine(UnpooledByteBufAllocator.DEFAULT);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setSNIMatchers(
        List.of(
            new SNIMatcher(StandardConstants.SNI_HOST_NAME) {
              @Override
              public boolean matches(SNIServerName name) {
                names.add(new String(name.getEncoded(), StandardCharsets.ISO_8859_1));
                return true;
              }
            }));
    engine.setSSLParameters(parameters);
    ByteBuffer out = ByteBuffer.allocate(BUFFER);
    try {
      run(engine, ByteBuffer.wrap(bytes), out);
      return new Reading(
          names, engine.getSession().getProtocol(), Unpooled.wrappedBuffer(out.flip()));
    } finally {
      ReferenceCountUtil.release(engine);
    }
  }

  private static void run(SSLEngine engine, ByteBuffer in, ByteBuffer out) {
    ByteBuffer data = ByteBuffer.allocate(BUFFER);
    try {
      engine.beginHandshake();
      boolean moved = true;
      for (int i = 0; i < MAX_STEPS && moved; i++) {
        SSLEngineResult step =
            engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP
                ? engine.wrap(NOTHING.duplicate(), out)
                : engine.unwrap(in, data);
        moved = step.bytesConsumed() > 0 || step.bytesProduced() > 0;
      }
    } catch (SSLException | IllegalArgumentException refused) {
      // The reply has no ServerHello, or the handshake fails after it. Java's class for host names
      // refuses some, such as those with a trailing dot, so these are not compared.
    }
  }

  private static SslContext server() {
    SelfTestCertificate certificate = SelfTestCertificate.of("mail.example");
    try {
      return SslContextBuilder.forServer(certificate.key().getPrivate(), certificate.certificate())
          .sslProvider(SslProvider.OPENSSL)
          .protocols("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
          .ciphers(OpenSsl.availableJavaCipherSuites())
          .option(OpenSslContextOption.USE_TASKS, false)
          .build();
    } catch (SSLException broken) {
      throw new IllegalStateException(broken);
    }
  }
}
