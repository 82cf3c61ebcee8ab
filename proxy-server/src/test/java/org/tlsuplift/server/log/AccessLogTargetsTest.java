package org.tlsuplift.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.tlsuplift.server.inventory.record.Trail;

/** Sessions and messages at a syslog server. */
class AccessLogTargetsTest {
  private final DatagramSocket receiver;

  AccessLogTargetsTest() throws IOException {
    receiver = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"));
    receiver.setSoTimeout(60_000);
  }

  private String received() throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[20_000], 20_000);
    receiver.receive(packet);
    return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
  }

  @Test
  void sessionsAndMessagesHaveTheirOwnIds() throws IOException {
    SyslogServer server =
        new SyslogServer(
            new SyslogServer.Address.Udp("127.0.0.1", receiver.getLocalPort()),
            SyslogServer.Facility.LOCAL0,
            null);
    try (receiver;
        AccessLog log =
            AccessLog.toSyslog(AccessLogFormat.JSON, server, Map.of("web", "http-connect"))) {
      log.messageEnded(Trail.accepted("192.0.2.77", Instant.EPOCH, "@fabrikam.com"));
      log.add(Sessions.bridged(42));
      assertThat(received())
          .startsWith("<134>1 ")
          .contains(" message - {\"type\":\"message\",")
          .endsWith("}");
      assertThat(received())
          .startsWith("<134>1 ")
          .contains(" session - {", "\"wayIn\":\"http-connect\"")
          .endsWith("\"type\":\"session\"}");
      assertThat(log.dropped()).isZero();
    }
  }
}
