package org.tlsuplift.proxy.tls;

import io.netty.handler.ssl.SslHandler;
import javax.net.ssl.SSLSession;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.tls.hello.CipherSuites;

/** Reads what was agreed from a completed handshake. */
public final class AgreedParameters {
  private AgreedParameters() {}

  /** Version, suite and ALPN name of a handler whose handshake is complete. */
  public static TlsParameters of(SslHandler handler) {
    SSLSession session = handler.engine().getSession();
    return new TlsParameters(
        TlsVersion.ofLabel(session.getProtocol())
            .orElseThrow(() -> new IllegalStateException("unknown " + session.getProtocol())),
        // The JDK calls some of them SSL_.
        CipherSuites.canonical(session.getCipherSuite()),
        handler.applicationProtocol());
  }
}
