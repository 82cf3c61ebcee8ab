package org.tlsuplift.proxy.tls.hello;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.proxy.tls.hello.ClientHelloParserTest.parsed;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.ClientHello.Framing;
import org.tlsuplift.proxy.model.TlsVersion;

/** Real ClientHellos of the engines in this program. */
class RealHelloTest {
  private static ByteBuf firstFlight(SSLEngine engine) throws Exception {
    ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.wrap(ByteBuffer.allocate(0), out);
    return Unpooled.wrappedBuffer(out.flip());
  }

  @Test
  void readsTheHelloOfTheJdk() throws Exception {
    SSLEngine engine = SSLContext.getDefault().createSSLEngine("Mail.Example", 443);
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {"imap", "h2"});
    parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
    parameters.setCipherSuites(
        new String[] {
          "TLS_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_RSA_WITH_AES_128_CBC_SHA"
        });
    engine.setSSLParameters(parameters);

    ClientHello hello = parsed(firstFlight(engine));

    assertThat(hello.versions()).containsExactly(TlsVersion.TLS_1_3, TlsVersion.TLS_1_2);
    assertThat(hello.cipherSuites().stream().map(CipherSuites::nameOf))
        .containsExactly(engine.getEnabledCipherSuites());
    assertThat(hello.serverName()).isEqualTo("mail.example");
    assertThat(hello.applicationProtocols()).containsExactly("imap", "h2");
    assertThat(hello.supportedGroups()).contains(0x0017);
    assertThat(hello.signatureAlgorithms()).contains(0x0401);
    assertThat(hello.ja4()).matches("t13d\\d{4}ip_[0-9a-f]{12}_[0-9a-f]{12}");
  }

  @Test
  void readsTheHelloOfBoringSsl() throws Exception {
    SslContext context =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.OPENSSL_REFCNT)
            .protocols("TLSv1", "TLSv1.1")
            .ciphers(List.of("TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"))
            .applicationProtocolConfig(
                new ApplicationProtocolConfig(
                    Protocol.ALPN,
                    SelectorFailureBehavior.NO_ADVERTISE,
                    SelectedListenerFailureBehavior.ACCEPT,
                    "http/1.1"))
            .build();
    SSLEngine engine =
        context.newEngine(UnpooledByteBufAllocator.DEFAULT, "printer-7.example", 443);
    try {
      ClientHello hello = parsed(firstFlight(engine));
      assertThat(hello.versions()).containsExactly(TlsVersion.TLS_1_1);
      assertThat(hello.cipherSuites().stream().map(CipherSuites::nameOf))
          .containsExactlyInAnyOrder(
              "TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA");
      assertThat(hello.serverName()).isEqualTo("printer-7.example");
      assertThat(hello.applicationProtocols()).containsExactly("http/1.1");
      assertThat(hello.ja4()).startsWith("t11d02").contains("h1_");
    } finally {
      ReferenceCountUtil.release(engine);
      ReferenceCountUtil.release(context);
    }
  }

  @Test
  void readsEveryHelloOfTheJdkWithEverythingEnabled() throws Exception {
    Path classes =
        Path.of(RelaxedJsse.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-cp",
                classes.toString(),
                RelaxedJsse.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    List<String> lines =
        new String(process.getInputStream().readAllBytes(), US_ASCII).lines().toList();
    assertThat(process.waitFor()).isZero();
    assertThat(lines).hasSizeGreaterThan(80);
    lines.forEach(RealHelloTest::checkRelaxed);
  }

  private static void checkRelaxed(String line) {
    String[] fields = line.split(" ", -1);
    List<String> protocols = Arrays.asList(fields[0].split(",", -1));
    String suite = fields[1];
    ClientHello hello = parsed(HelloBytes.hex(fields[2]));

    assertThat(CipherSuites.numberOf(suite)).as(suite).isPresent();
    assertThat(hello.cipherSuites()).as(suite).contains(CipherSuites.numberOf(suite).orElseThrow());
    assertThat(hello.framing())
        .isEqualTo(protocols.contains("SSLv2Hello") ? Framing.SSL_2 : Framing.TLS);
    if (protocols.size() <= 2) {
      assertThat(hello.newestVersion())
          .isEqualTo(TlsVersion.ofLabel(protocols.get(protocols.size() - 1)));
    }
  }
}
