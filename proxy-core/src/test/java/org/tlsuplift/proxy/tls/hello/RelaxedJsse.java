package org.tlsuplift.proxy.tls.hello;

import java.nio.ByteBuffer;
import java.security.Security;
import java.util.HexFormat;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * A separate program that a test runs in another JVM. It prints real ClientHellos of the JDK's
 * engine with all disabled algorithms enabled, which is possible only before the first use of TLS
 * and then applies to the whole JVM.
 *
 * <p>Each line has the protocols, the suite and the ClientHello in hexadecimal digits.
 */
final class RelaxedJsse {
  private RelaxedJsse() {}

  public static void main(String[] args) throws Exception {
    Security.setProperty("jdk.tls.disabledAlgorithms", "");
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, null, null);
    for (String suite : context.createSSLEngine().getSupportedCipherSuites()) {
      if (!suite.endsWith("_SCSV")) {
        print(context, suite, "SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3");
      }
    }
    print(context, "TLS_RSA_WITH_AES_128_CBC_SHA", "SSLv2Hello", "TLSv1");
    print(context, "SSL_RSA_WITH_RC4_128_SHA", "SSLv2Hello", "SSLv3");
    print(context, "SSL_RSA_WITH_RC4_128_SHA", "SSLv3");
  }

  private static void print(SSLContext context, String suite, String... protocols)
      throws Exception {
    SSLEngine engine = context.createSSLEngine("mail.example", 443);
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(protocols);
    parameters.setCipherSuites(new String[] {suite});
    engine.setSSLParameters(parameters);
    ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.wrap(ByteBuffer.allocate(0), out);
    String hello = HexFormat.of().formatHex(out.array(), 0, out.position());
    System.out.println(String.join(",", protocols) + " " + suite + " " + hello);
  }
}
