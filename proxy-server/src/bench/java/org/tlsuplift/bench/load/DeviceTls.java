package org.tlsuplift.bench.load;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/**
 * The one protocol and cipher suite that devices speak, and whether they resume.
 *
 * <p>They do not verify what they are shown: their CPU is not what is measured, and both proxies
 * deserve as fast a peer as can be had.
 */
public record DeviceTls(String protocol, String cipher, SslContext context) {
  private static final List<SNIServerName> SERVER_NAMES = List.of(new SNIHostName("localhost"));

  /** How a device resumes sessions. */
  public enum Resumption {
    NONE,
    SESSION_ID,
    TICKET
  }

  public static DeviceTls of(String protocol, String cipher, Resumption resumption)
      throws SSLException {
    SslContext context =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.OPENSSL)
            .protocols(protocol)
            .ciphers(List.of(cipher))
            .trustManager(InsecureTrustManagerFactory.INSTANCE)
            .endpointIdentificationAlgorithm(null)
            .build();
    OpenSslSessionContext sessions = (OpenSslSessionContext) context.sessionContext();
    sessions.setSessionCacheEnabled(resumption != Resumption.NONE);
    if (resumption == Resumption.TICKET) {
      sessions.setTicketKeys();
    }
    return new DeviceTls(protocol, cipher, context);
  }

  /** A handler that sends {@code localhost} as SNI. The port only tells sessions apart. */
  SslHandler handler(ByteBufAllocator allocator, int port) {
    SslHandler handler = context.newHandler(allocator, "localhost", port);
    // Netty sends no name without a dot by itself, and HAProxy chooses the kind of its leaf by this
    // name.
    SSLParameters parameters = handler.engine().getSSLParameters();
    parameters.setServerNames(SERVER_NAMES);
    handler.engine().setSSLParameters(parameters);
    return handler;
  }
}
