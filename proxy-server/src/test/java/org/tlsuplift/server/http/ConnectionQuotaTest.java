package org.tlsuplift.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.tlsuplift.server.http.ConnectionQuota.Use;

/** Who gets a place when there are few. */
class ConnectionQuotaTest {
  private static final int PLACES = 8;
  private static final int PER_ADDRESS = 4;
  private static final int RESERVED = 2;

  private final ConnectionQuota connectionQuota =
      new ConnectionQuota(
          new AdminLimits(
              Duration.ofSeconds(5),
              Duration.ofMinutes(1),
              Duration.ofSeconds(10),
              Duration.ofMinutes(1),
              PLACES,
              PER_ADDRESS,
              RESERVED),
          Ticker.systemTicker());
  private Predicate<InetAddress> proxies = address -> false;
  private final List<Client> clients = new ArrayList<>();

  @Test
  void reservesPlacesForLoopbackAndSignedInUsers() {
    hold(Use.ANSWERING, 3, "192.0.2.1");
    hold(Use.ANSWERING, 3, "192.0.2.2");
    hold(Use.ANSWERING, 1, "192.0.2.3");
    assertThat(clients).filteredOn(Client::isActive).hasSize(PLACES - RESERVED);

    connectionQuota.signedIn(NetUtil.createInetAddressFromIpAddressString("192.0.2.9"));
    hold(Use.ANSWERING, 1, "127.0.0.1");
    hold(Use.ANSWERING, 1, "192.0.2.9");
    assertThat(clients).filteredOn(Client::isActive).hasSize(PLACES);
  }

  @Test
  void cutsNoResponseOfSignedInUsers() {
    connectionQuota.signedIn(NetUtil.createInetAddressFromIpAddressString("192.0.2.9"));
    hold(Use.ANSWERING, PER_ADDRESS, "192.0.2.9");
    hold(Use.ANSWERING, PER_ADDRESS, "127.0.0.1");

    assertThat(connect("192.0.2.1", Use.READING)).isFalse();
    assertThat(connect("127.0.0.2", Use.READING)).isFalse();
    assertThat(clients).filteredOn(Client::isActive).hasSize(PLACES);
  }

  @Test
  void givesThePlaceOfAnAnswerThatIsNotReadToANewConnection() {
    hold(Use.ANSWERING, PER_ADDRESS, "192.0.2.1");
    hold(Use.ANSWERING, 2, "192.0.2.2");

    assertThat(connect("192.0.2.3", Use.READING)).isTrue();
    assertThat(open("192.0.2.1")).isEqualTo(PER_ADDRESS - 1);
  }

  @Test
  void givesThePlaceOfAnIncompleteRequestToANewConnection() {
    hold(Use.READING, PER_ADDRESS, "192.0.2.1");
    hold(Use.READING, 2, "192.0.2.2");

    assertThat(connect("192.0.2.3", Use.ANSWERING)).isTrue();

    assertThat(open("192.0.2.1")).as("the address with the most gives").isEqualTo(3);
    assertThat(open("192.0.2.2")).isEqualTo(2);
    assertThat(clients.get(0).isActive()).as("the oldest").isFalse();
  }

  @Test
  void replacesIdleConnectionsExceptThoseOfSignedInUsers() {
    connectionQuota.signedIn(NetUtil.createInetAddressFromIpAddressString("192.0.2.1"));
    hold(Use.IDLE, PER_ADDRESS, "192.0.2.1");
    hold(Use.IDLE, 4, "192.0.2.2");

    assertThat(connect("192.0.2.3", Use.ANSWERING)).isTrue();

    assertThat(open("192.0.2.1")).isEqualTo(PER_ADDRESS);
    assertThat(open("192.0.2.2")).isEqualTo(3);
  }

  @Test
  void givesANewConnectionThePlaceOfAnIdleOneOfTheSameAddress() {
    hold(Use.READING, 1, "127.0.0.1");
    hold(Use.IDLE, 1, "127.0.0.1");
    hold(Use.ANSWERING, PER_ADDRESS - 2, "127.0.0.1");

    assertThat(connect("127.0.0.1", Use.ANSWERING)).isTrue();
    assertThat(clients.get(0).isActive()).as("its request may have arrived").isTrue();
    assertThat(clients.get(1).isActive()).as("the idle one").isFalse();

    assertThat(connect("127.0.0.1", Use.ANSWERING)).isTrue();
    assertThat(clients.get(0).isActive()).isFalse();
    assertThat(connect("127.0.0.1", Use.ANSWERING)).isFalse();
    assertThat(open("127.0.0.1")).isEqualTo(PER_ADDRESS);
  }

  @Test
  void countsAnIpv6NetworkAsOneAddress() {
    for (int i = 0; i < PER_ADDRESS; i++) {
      assertThat(connect("2001:db8::" + i, Use.ANSWERING)).isTrue();
    }
    assertThat(connect("2001:db8::ffff", Use.ANSWERING)).isFalse();
    assertThat(connect("2001:db8:0:1::1", Use.ANSWERING)).isTrue();
  }

  @Test
  void hasRoomAgainWhenConnectionsEnd() {
    hold(Use.ANSWERING, PER_ADDRESS, "192.0.2.1");
    assertThat(connect("192.0.2.1", Use.ANSWERING)).isFalse();
    var unused = clients.get(0).close();
    assertThat(connect("192.0.2.1", Use.ANSWERING)).isTrue();
  }

  @Test
  void givesTrustedProxiesThePlacesThatAreNotReserved() {
    proxies = address -> address.getHostAddress().equals("192.0.2.7");
    hold(Use.ANSWERING, PLACES - RESERVED, "192.0.2.7");
    assertThat(connect("192.0.2.7", Use.READING)).isFalse();
    hold(Use.ANSWERING, 1, "192.0.2.1");
    assertThat(open("192.0.2.7")).isEqualTo(PLACES - RESERVED);
  }

  private void hold(Use use, int number, String address) {
    for (int i = 0; i < number; i++) {
      assertThat(connect(address, use)).isTrue();
    }
  }

  private boolean connect(String address, Use use) {
    Client client = new Client(address);
    clients.add(client);
    connectionQuota.admit(client, proxies).ifPresent(place -> place.use(use));
    return client.isActive();
  }

  private long open(String address) {
    return clients.stream()
        .filter(client -> client.isActive() && client.address.equals(address))
        .count();
  }

  /** A connection from an address. */
  private static final class Client extends EmbeddedChannel {
    private final String address;

    Client(String address) {
      this.address = address;
    }

    @Override
    protected SocketAddress remoteAddress0() {
      return new InetSocketAddress(NetUtil.createInetAddressFromIpAddressString(address), 50_000);
    }
  }
}
