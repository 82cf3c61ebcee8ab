package org.tlsuplift.server.it.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.TestCa;
import org.tlsuplift.server.it.peer.Conversations;
import org.tlsuplift.server.it.peer.JsseOrigin;
import org.tlsuplift.server.it.peer.ServerAnswer;
import org.tlsuplift.server.testing.AtOnce;

/**
 * Every ClientHello that was recorded of a real device gets a ServerHello with the version and the
 * suite that the profile promises, or a refusal with its reason. So do hellos that only few devices
 * send.
 */
class ClientSimulationIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final int TLS_1_0 = 0x0301;
  private static final int TLS_1_2 = 0x0303;
  private static final int TLS_1_3 = 0x0304;
  private static final int PROTOCOL_VERSION = 70;
  private static final int HANDSHAKE_FAILURE = 40;
  private static final Set<Integer> IN_TLS_1_3 = Set.of(0x1301, 0x1302, 0x1303);
  private static final List<Integer> AEAD =
      List.of(0xc02f, 0xc030, 0xcca8, 0x009c, 0x009d, 0xc02b, 0xc02c, 0xcca9);

  /** The suites of ECDHE with RSA, and the same with ECDSA. */
  private static final Map<Integer, Integer> FOR_EC =
      Map.of(0xc02f, 0xc02b, 0xc030, 0xc02c, 0xcca8, 0xcca9, 0xc013, 0xc009, 0xc014, 0xc00a);

  /** The order of preference in TLS 1.0 to 1.2. */
  private static final List<Integer> LEGACY =
      List.of(0xc02f, 0xc030, 0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035);

  /** What follows with profile antique: 3DES, RC4. */
  private static final List<Integer> ANTIQUE = List.of(0x0016, 0x000a, 0x0005, 0x0004);

  private static final AtomicInteger DEVICES = new AtomicInteger(1);

  private static JsseOrigin origin;
  private static TestCa ca;
  private static Daemon legacy;
  private static Daemon antique;

  @BeforeAll
  static void start() {
    ca = new TestCa(lab);
    origin = JsseOrigin.start(lab, ca.issue("localhost"), Conversations::agreement);
    String until = LocalDate.now(ZoneId.systemDefault()).plusDays(30).toString();
    CompletableFuture<Daemon> other =
        AtOnce.supply(() -> daemon("antique, devices: [127.0.0.0/8], until: " + until));
    legacy = daemon("legacy");
    antique = other.join();
  }

  /** Each in a process of its own: only the antique one relaxes its Java runtime. */
  private static Daemon daemon(String profile) {
    Set<String> names =
        clients()
            .flatMap(client -> client.serverName().stream())
            .filter(name -> !name.contains(":"))
            .collect(Collectors.toCollection(TreeSet::new));
    return Daemon.start(
        lab,
        """
        listeners:
          - {name: fix, bind: "127.0.0.1:0", accept: fixed, origin: "%s", serverNames: %s, whenModern: bridge, profile: %s}
        routes:
          - {to: ["localhost:*"], action: bridge}
        upstream: {trust: "%s"}
        """
            .formatted(origin.byName(), names, profile, ca.file()));
  }

  private static Stream<SimulatedClient> clients() {
    return SimulatedClient.all().stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("clients")
  void answersRealClients(SimulatedClient client) {
    List<Integer> suites = client.suites();
    Optional<Integer> inLegacy = agreed(client, suites, LEGACY);
    ServerAnswer answer = answer(legacy, client.hello());
    if (client.newest() >= TLS_1_0 && inLegacy.isPresent()) {
      assertThat(answer).isEqualTo(served(client, inLegacy.get(), answer));
    } else {
      assertThat(answer.alert()).isIn(PROTOCOL_VERSION, HANDSHAKE_FAILURE);
    }

    int suite = inLegacy.orElseGet(() -> agreed(client, suites, ANTIQUE).orElseThrow());
    ServerAnswer also = answer(antique, client.hello());
    assertThat(also).isEqualTo(served(client, suite, also));
  }

  /** The most preferred suite of a list that the client offers and the version has. */
  private static Optional<Integer> agreed(
      SimulatedClient client, List<Integer> offered, List<Integer> preferred) {
    int version = client.newest();
    return preferred.stream()
        .flatMap(suite -> withBothKeys(client, suite))
        .filter(offered::contains)
        .filter(suite -> version >= TLS_1_2 || !AEAD.contains(suite))
        .findFirst();
  }

  /** A suite for an EC key first, if the client supports it, then its equal for an RSA key. */
  private static Stream<Integer> withBothKeys(SimulatedClient client, int suite) {
    return client.supportsP256() && FOR_EC.containsKey(suite)
        ? Stream.of(FOR_EC.get(suite), suite)
        : Stream.of(suite);
  }

  /** In TLS 1.3 the engine chooses by what the processor does best. */
  private static ServerAnswer served(SimulatedClient client, int suite, ServerAnswer answer) {
    int version = client.offersDraftOnly() ? TLS_1_2 : client.newest();
    boolean free = version == TLS_1_3 && IN_TLS_1_3.contains(answer.suite());
    return new ServerAnswer(version, free ? answer.suite() : suite, -1);
  }

  @ParameterizedTest
  @CsvSource({"IE 6 XP, no_shared_version", "IE 8 XP, no_shared_cipher"})
  void namesTheProfileThatARefusedClientNeeds(String name, String outcome) {
    int mark = legacy.mark();
    byte[] hello =
        clients().filter(client -> client.name().equals(name)).findFirst().orElseThrow().hello();
    assertThat(answer(legacy, hello).alert()).isPositive();
    assertThat(legacy.awaitSessionLine(mark, "listener", "fix", "handshake", outcome))
        .contains("; give the device a listener with 'profile: antique' reason=");
  }

  /** BoringSSL does not have them, and every Java runtime does without relaxing anything. */
  @ParameterizedTest
  @CsvSource({"ECDHE-RSA-AES128-SHA256", "ECDHE-RSA-AES256-SHA384"})
  void servesDevicesWithEcdheAndCbcOfSha2(String suite) {
    Device device = new OpensslDevice("-tls1_2", suite);
    Device.Visit visit = device.visit(Way.fixed(legacy, "fix", origin.byName()));
    assertThat(visit.run().output()).contains(Conversations.answer("localhost"));
    assertThat(visit.suite()).isEqualTo(suite);
  }

  @ParameterizedTest
  @CsvSource({"AES128-SHA256", "AES256-SHA256"})
  void namesTheProfileForStaticRsaWithSha2(String suite) {
    int mark = legacy.mark();
    Device device = new OpensslDevice("-tls1_2", suite);
    assertThat(device.attempt(Way.fixed(legacy, "fix", origin.byName())).exit()).isNotZero();
    assertThat(legacy.awaitSessionLine(mark, "handshake", "no_shared_cipher"))
        .contains("; give the device a listener with 'profile: antique' reason=");
    assertThat(device.visit(Way.fixed(antique, "fix", origin.byName())).suite()).isEqualTo(suite);
  }

  /** Padding (RFC 7685) makes them long; RFC 8446 section 5.1 has records of 16 KiB at most. */
  @ParameterizedTest
  @CsvSource({
    // version, suite, groups, bytes of padding, in records of, agreed by legacy, by antique
    "0303, c02f, 0017, 15000, 16384, true, true",
    "0303, c02f, 0017, 15000, 100, true, true",
    "0303, c02f, 0017, 20000, 16384, true, true",
    "0303, c02f, 0017, 65000, 16384, true, true",
    "0301, 002f, 0017, 15000, 16384, true, true",
    "0301, 002f, 0017, 65000, 16384, false, true"
  })
  void readsLongHellos(
      String version,
      String suite,
      String groups,
      int padding,
      int record,
      boolean byLegacy,
      boolean byAntique) {
    byte[] hello = longHello(version, suite, groups, padding, record);
    assertThat(answer(legacy, hello).alert() < 0).isEqualTo(byLegacy);
    assertThat(answer(antique, hello).alert() < 0).isEqualTo(byAntique);
  }

  private static byte[] longHello(
      String version, String suite, String group, int padding, int record) {
    ByteBuffer extensions = ByteBuffer.allocate(padding + 32);
    extensions.putShort((short) 10).putShort((short) 4).putShort((short) 2);
    extensions.putShort(Short.parseShort(group, 16));
    // RSA with SHA-256 and SHA-1.
    extensions.putShort((short) 13).putShort((short) 6).putShort((short) 4);
    extensions.putShort((short) 0x0401).putShort((short) 0x0201);
    extensions.putShort((short) 21).putShort((short) padding).put(new byte[padding]).flip();
    ByteBuffer message = ByteBuffer.allocate(extensions.limit() + 64);
    message.putInt(0).putShort(Short.parseShort(version, 16)).put(new byte[32]).put((byte) 0);
    message.putShort((short) 2).putShort((short) Integer.parseInt(suite, 16));
    message.putShort((short) 0x0100).putShort((short) extensions.limit()).put(extensions).flip();
    message.putInt(0, (1 << 24) | (message.limit() - 4));
    ByteBuffer records = ByteBuffer.allocate(message.limit() + 5 * (message.limit() / record + 1));
    while (message.hasRemaining()) {
      byte[] part = new byte[Math.min(record, message.remaining())];
      message.get(part);
      records.put((byte) 22).putShort((short) TLS_1_0).putShort((short) part.length).put(part);
    }
    byte[] bytes = new byte[records.flip().remaining()];
    records.get(bytes);
    return bytes;
  }

  /** From an address of its own: the handshake fails, and with an EC key that is remembered. */
  private static ServerAnswer answer(Daemon daemon, byte[] hello) {
    int number = DEVICES.getAndIncrement();
    byte[] address = {127, 1, (byte) (number >> 8), (byte) number};
    try (Socket device = new Socket()) {
      device.bind(new InetSocketAddress(InetAddress.getByAddress(address), 0));
      device.connect(daemon.listener("fix"));
      device.getOutputStream().write(hello);
      return ServerAnswer.read(device.getInputStream());
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
