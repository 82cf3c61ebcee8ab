package org.tlsuplift.server.it.origin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.lab.Identity;
import org.tlsuplift.server.it.lab.Internet;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.PostfixSink;
import org.tlsuplift.server.it.peer.Squid;
import org.tlsuplift.server.manual.CodeBlock;
import org.tlsuplift.server.testing.GeneratedPage;

/**
 * The lines for Squid on the manual's page about the corporate proxy, with the configuration that
 * Debian's package installs, in a network of its own.
 */
class SquidRecipeIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final String ORIGIN = "52.96.0.10";
  private static final List<Integer> PORTS = List.of(587, 993, 995);

  private static Internet internet;

  @BeforeAll
  static void start() throws IOException {
    internet = Internet.create(lab, List.of(ORIGIN));
    internet.router().etc("resolv.conf", "nameserver 127.0.0.1\n");
    Identity identity = new TestCa(lab).issue("smtp.office365.com");
    Map<InetSocketAddress, Identity> origins = new HashMap<>();
    for (int port : PORTS) {
      origins.put(new InetSocketAddress(InetAddress.getByName(ORIGIN), port), identity);
    }
    PostfixSink.start(lab, internet.origins(), origins);
  }

  @Test
  void debiansDefaultRefusesTheMailPorts() throws IOException {
    Squid squid = squid(3128, "");
    for (int port : PORTS) {
      assertThat(connect(squid, port).output()).as("port " + port).startsWith("HTTP/1.1 403 ");
    }
  }

  /** The reason for the second line: Squid asks for Safe_ports first. */
  @Test
  void sslPortsAloneAreNotEnough() throws IOException {
    Squid squid = squid(3129, recipe().replaceAll("(?m)^acl Safe_ports .*$", ""));
    for (int port : PORTS) {
      assertThat(connect(squid, port).output()).as("port " + port).startsWith("HTTP/1.1 403 ");
    }
  }

  @Test
  void theLinesOfTheManualOpenTheMailPorts() throws IOException {
    Squid squid = squid(3130, recipe());
    for (int port : PORTS) {
      assertThat(connect(squid, port).output())
          .as("port " + port)
          .startsWith("HTTP/1.1 200 ")
          .contains("220 localhost ESMTP");
      squid.awaitLog("TCP_TUNNEL/200 \\d+ CONNECT " + ORIGIN + ":" + port + " ");
    }
    assertThat(connect(squid, 22).output()).startsWith("HTTP/1.1 403 ");
  }

  private static Squid squid(int port, String added) throws IOException {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(Internet.ROUTER), port);
    return Squid.asPackaged(lab, internet.router(), address, added);
  }

  /** The page's lines with the address of this machine: here the device's network. */
  private static String recipe() throws IOException {
    List<String> blocks =
        CodeBlock.in(GeneratedPage.MANUAL.resolve("corporate-proxy.md")).stream()
            .filter(block -> block.language().equals("squid"))
            .map(CodeBlock::code)
            .toList();
    assertThat(blocks).hasSize(1);
    assertThat(blocks.get(0)).contains("src 10.0.0.4\n");
    return blocks.get(0).replace("src 10.0.0.4\n", "src 10.77.1.2\n");
  }

  /** The response to CONNECT, and what the origin sends in the first two seconds of a tunnel. */
  private static Run connect(Squid squid, int port) {
    String script =
        """
        exec 3<>/dev/tcp/$0/$1
        printf 'CONNECT %s HTTP/1.1\\r\\nHost: %s\\r\\n\\r\\n' $2 $2 >&3
        read -r -t 60 line <&3
        echo "$line"
        while read -r -t 60 line <&3; do
          echo "$line"
          case "$line" in 220*) break;; esac
          case "$line" in *body*) break;; esac
        done
        """;
    return Run.of(
        internet
            .device()
            .command(
                List.of(
                    "bash",
                    "-c",
                    script,
                    squid.address().getAddress().getHostAddress(),
                    Integer.toString(squid.address().getPort()),
                    ORIGIN + ":" + port)));
  }
}
