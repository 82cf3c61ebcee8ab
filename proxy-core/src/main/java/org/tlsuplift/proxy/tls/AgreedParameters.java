package org.tlsuplift.proxy.tls;

import io.netty.handler.ssl.SslHandler;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.tls.hello.CipherSuites;

/** Reads the parameters of a completed handshake. */
public final class AgreedParameters {
  private AgreedParameters() {}

  public static TlsParameters of(SslHandler handler) {
    return of(handler, null);
  }

  /** Adds the group of the key exchange, which BoringSSL's engine does not report. */
  public static TlsParameters of(SslHandler handler, @Nullable String group) {
    SSLSession session = handler.engine().getSession();
    return new TlsParameters(
        TlsVersion.ofLabel(session.getProtocol())
            .orElseThrow(
                () -> new IllegalStateException("unknown TLS version " + session.getProtocol())),
        // Some of the JDK's suite names start with SSL_.
        CipherSuites.canonical(session.getCipherSuite()),
        handler.applicationProtocol(),
        group);
  }
}
