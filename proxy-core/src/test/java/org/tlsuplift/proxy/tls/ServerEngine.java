package org.tlsuplift.proxy.tls;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/** BoringSSL engines of a server, each with a context that is freed with it. */
final class ServerEngine {
  private ServerEngine() {}

  static SSLEngine of(SslContextBuilder builder) throws SSLException {
    SslContext context =
        builder
            .sslProvider(SslProvider.OPENSSL)
            .option(OpenSslContextOption.USE_TASKS, false)
            .build();
    try {
      return context.newEngine(UnpooledByteBufAllocator.DEFAULT);
    } finally {
      ReferenceCountUtil.release(context);
    }
  }
}
