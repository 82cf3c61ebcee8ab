package org.tlsuplift.server.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import org.tlsuplift.proxy.ca.CaSettings;
import org.tlsuplift.proxy.ca.Extensions;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.ca.KeyAlgorithm;
import org.tlsuplift.proxy.ca.LeafSettings;
import org.tlsuplift.proxy.ca.LocalCertificateAuthority;
import org.tlsuplift.proxy.ca.PermittedNames;
import org.tlsuplift.proxy.ca.SignatureHash;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.tls.Leaf;
import org.tlsuplift.server.authority.CaExport;
import org.tlsuplift.server.authority.CaStore;

/**
 * An origin that accepts only TLS 1.2, with a certificate from its own temporary CA.
 *
 * <p>It is the JDK's own server with the JDK's own TLS, which the proxy does not use. Its response
 * to each request is the agreed version and suite, so that a device can report both sides.
 */
final class DemoOrigin implements AutoCloseable {
  private static final String HOST = "localhost";
  private static final char[] NO_PASSWORD = {};

  private final IssuingCa ca;
  private final Path trust;
  private final HttpsServer server;

  private DemoOrigin(IssuingCa ca, Path trust, HttpsServer server) {
    this.ca = ca;
    this.trust = trust;
    this.server = server;
  }

  static DemoOrigin start(Path directory)
      throws OperatorException, GeneralSecurityException, IOException {
    IssuingCa ca = new CaStore(directory.resolve("origin-ca")).open(caSettings(), line -> {});
    Path trust = directory.resolve("origin-ca.pem");
    CaExport.write(ca.certificate(), CaExport.Format.PEM, trust);
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new Tls12Only(context(ca)));
    server.createContext("/", DemoOrigin::answer);
    server.start();
    return new DemoOrigin(ca, trust, server);
  }

  HostPort address() {
    return new HostPort(HOST, server.getAddress().getPort());
  }

  X509Certificate authority() {
    return ca.certificate();
  }

  /** The CA certificate as a PEM file. */
  Path trust() {
    return trust;
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private static void answer(HttpExchange exchange) throws IOException {
    SSLSession tls = ((HttpsExchange) exchange).getSSLSession();
    byte[] body =
        (tls.getProtocol() + " " + tls.getCipherSuite()).getBytes(StandardCharsets.US_ASCII);
    exchange.getResponseHeaders().set("Connection", "close");
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static SSLContext context(IssuingCa ca) throws GeneralSecurityException, IOException {
    Leaf leaf =
        new LocalCertificateAuthority(ca, LeafSettings.defaults(), Runnable::run, () -> {})
            .leafFor(List.of(HOST))
            .toCompletableFuture()
            .join();
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, NO_PASSWORD);
    store.setKeyEntry(
        "origin", leaf.key(), NO_PASSWORD, leaf.chain().toArray(X509Certificate[]::new));
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, NO_PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  private static CaSettings caSettings() {
    return new CaSettings(
        KeyAlgorithm.RSA_2048,
        SignatureHash.SHA256,
        true,
        new PermittedNames(List.of(HOST), List.of()),
        "Demo origin CA",
        CaSettings.DEFAULT_VALID_FROM,
        CaSettings.DEFAULT_LIFETIME,
        Extensions.ALL);
  }

  private static final class Tls12Only extends HttpsConfigurator {
    Tls12Only(SSLContext context) {
      super(context);
    }

    @Override
    public void configure(HttpsParameters connection) {
      SSLParameters parameters = getSSLContext().getDefaultSSLParameters();
      parameters.setProtocols(new String[] {"TLSv1.2"});
      connection.setSSLParameters(parameters);
    }
  }
}
