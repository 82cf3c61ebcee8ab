package org.tlsuplift.server.doctor;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.tlsuplift.proxy.model.HostPort;

/**
 * Reads the certificates of an origin that the probe refused, so that the operator sees the reason.
 *
 * <p>The handshake never completes, because the trust manager refuses every certificate.
 */
final class RefusedCertificates implements X509TrustManager {
  private List<X509Certificate> shown = List.of();

  private RefusedCertificates() {}

  static List<X509Certificate> of(HostPort origin, HostPort address, Duration timeout) {
    RefusedCertificates look = new RefusedCertificates();
    int millis = Math.toIntExact(timeout.toMillis());
    try (Socket tcp = new Socket()) {
      tcp.connect(new InetSocketAddress(address.host(), address.port()), millis);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {look}, null);
      try (SSLSocket tls =
          (SSLSocket)
              context.getSocketFactory().createSocket(tcp, origin.host(), origin.port(), true)) {
        tls.setSoTimeout(millis);
        if (!origin.isAddressLiteral()) {
          SSLParameters parameters = tls.getSSLParameters();
          parameters.setServerNames(List.of(new SNIHostName(origin.host())));
          tls.setSSLParameters(parameters);
        }
        tls.startHandshake();
      }
    } catch (IOException | GeneralSecurityException | IllegalArgumentException expected) {
      // The refusal is intended. The result is the certificates that arrived before it.
      return look.shown;
    }
    return look.shown;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    shown = List.of(chain);
    throw new CertificateException("the probe reads certificates and accepts none");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    checkServerTrusted(chain, type);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
