package org.tlsuplift.proxy.tls.hello;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.tlsuplift.proxy.tls.hello.ClientHelloParserTest.parsed;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.testing.Peer;

/** ClientHellos of other programs, captured on a socket. */
class PeerHelloTest {
  private static final int TIMEOUT_MILLIS = 10_000;
  private static final Pattern SUITE_LINE = Pattern.compile("\\s*0x(..),0x(..) - (TLS_\\S+)\\s.*");

  /** Runs a command with a port in place of PORT, and reads one ClientHello. */
  private static ClientHello helloOf(String... command) throws Exception {
    Peer.require(command[0], command[0].equals("gnutls-cli") ? "gnutls-bin" : command[0]);
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      server.setSoTimeout(TIMEOUT_MILLIS);
      String port = Integer.toString(server.getLocalPort());
      List<String> filled = Arrays.stream(command).map(a -> a.replace("PORT", port)).toList();
      Process process =
          new ProcessBuilder(filled)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (Socket device = server.accept()) {
        device.setSoTimeout(TIMEOUT_MILLIS);
        return read(device.getInputStream());
      } finally {
        process.destroyForcibly().waitFor();
      }
    }
  }

  private static ClientHello read(InputStream in) throws IOException {
    ByteBuf bytes = Unpooled.buffer();
    while (ClientHelloParser.parse(bytes) instanceof HelloParse.NeedMore) {
      if (bytes.writeBytes(in, 4096) < 0) {
        throw new AssertionError("the peer ended after " + bytes.readableBytes() + " bytes");
      }
    }
    return parsed(bytes);
  }

  private static List<String> names(ClientHello hello) {
    return hello.cipherSuites().stream().map(CipherSuites::nameOf).toList();
  }

  @Test
  void readsOpenSslAtTls10() throws Exception {
    ClientHello hello =
        helloOf(
            "openssl",
            "s_client",
            "-connect",
            "127.0.0.1:PORT",
            "-tls1",
            "-cipher",
            "AES128-SHA:ECDHE-RSA-AES256-SHA:@SECLEVEL=0",
            "-servername",
            "Smtp.Office365.com");
    assertThat(hello.versions()).containsExactly(TlsVersion.TLS_1_0);
    assertThat(names(hello))
        .containsExactly(
            "TLS_RSA_WITH_AES_128_CBC_SHA",
            "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
            "TLS_EMPTY_RENEGOTIATION_INFO_SCSV");
    assertThat(hello.serverName()).isEqualTo("smtp.office365.com");
    assertThat(hello.ja4()).startsWith("t10d03");
  }

  @Test
  void readsOpenSslWithDefaultsAndAlpn() throws Exception {
    ClientHello hello =
        helloOf(
            "openssl",
            "s_client",
            "-connect",
            "127.0.0.1:PORT",
            "-noservername",
            "-alpn",
            "h2,imap");
    assertThat(hello.versions()).startsWith(TlsVersion.TLS_1_3, TlsVersion.TLS_1_2);
    assertThat(hello.serverName()).isNull();
    assertThat(hello.applicationProtocols()).containsExactly("h2", "imap");
    assertThat(hello.ja4()).matches("t13i\\d{4}h2_.*");
  }

  @Test
  void readsGnuTlsWithRc4AndWithoutExtensions() throws Exception {
    ClientHello hello =
        helloOf(
            "gnutls-cli",
            "--insecure",
            "--priority",
            "NONE:+VERS-TLS1.0:+RSA:+ARCFOUR-128:+3DES-CBC:+SHA1:+COMP-NULL:+SIGN-ALL"
                + ":+CTYPE-X509:%NO_EXTENSIONS",
            "-p",
            "PORT",
            "127.0.0.1");
    assertThat(hello.versions()).containsExactly(TlsVersion.TLS_1_0);
    assertThat(names(hello)).contains("TLS_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_3DES_EDE_CBC_SHA");
    assertThat(hello.supportedGroups()).isEmpty();
    assertThat(hello.ja4()).matches("t10i\\d\\d0000_[0-9a-f]{12}_0{12}");
  }

  @Test
  void readsCurlAtTls11() throws Exception {
    ClientHello hello =
        helloOf(
            "curl",
            "-sk",
            "--tlsv1.0",
            "--tls-max",
            "1.1",
            "--ciphers",
            "ALL:@SECLEVEL=0",
            "--resolve",
            "mail.example:PORT:127.0.0.1",
            "https://mail.example:PORT/");
    assertThat(hello.newestVersion()).contains(TlsVersion.TLS_1_1);
    assertThat(hello.serverName()).isEqualTo("mail.example");
    assertThat(names(hello)).contains("TLS_RSA_WITH_AES_128_CBC_SHA");
    assertThat(hello.applicationProtocols()).contains("http/1.1");
  }

  @Test
  void namesSuitesAsOpenSslDoes() throws Exception {
    Peer.require("openssl", "openssl");
    Process process =
        new ProcessBuilder(
                "openssl", "ciphers", "-V", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    List<Matcher> listed =
        new String(process.getInputStream().readAllBytes(), US_ASCII)
            .lines()
            .map(SUITE_LINE::matcher)
            .filter(Matcher::matches)
            .toList();
    assertThat(process.waitFor()).isZero();
    assertThat(listed).hasSizeGreaterThan(50);
    assertThat(listed)
        .allSatisfy(
            line -> {
              int number = Integer.parseInt(line.group(1) + line.group(2), 16);
              assertThat(CipherSuites.nameOf(number))
                  .isIn(line.group(3), "0x%04X".formatted(number));
            });
  }
}
