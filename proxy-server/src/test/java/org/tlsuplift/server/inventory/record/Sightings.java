package org.tlsuplift.server.inventory.record;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ClientHello;
import org.tlsuplift.proxy.model.HostPort;
import org.tlsuplift.proxy.model.TlsParameters;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.outcome.OriginReply;
import org.tlsuplift.server.inventory.Success;

/** Makes sightings: one by one, or many at random from a small world in which much coincides. */
public final class Sightings {
  public static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");
  public static final ClientHello TLS_1_0 = hello(TlsVersion.TLS_1_0, "t10d", 0x002f);
  public static final ClientHello STATIC_RSA = hello(TlsVersion.TLS_1_2, "t12d", 0x002f, 0x0035);
  public static final ClientHello NO_SUITE = hello(TlsVersion.TLS_1_2, "t12x", 0x009e);
  public static final ClientHello MODERN = hello(TlsVersion.TLS_1_3, "t13d", 0x1301, 0xc02f);

  private static final List<String> LISTENERS = List.of("web", "outlook", "submission");
  private static final List<ClientHello> HELLOS = List.of(TLS_1_0, STATIC_RSA, NO_SUITE, MODERN);

  private static final List<Success> SUCCESSES = List.of(Success.values());

  private Sightings() {}

  public static ClientHello hello(TlsVersion newest, String ja4, Integer... suites) {
    return new ClientHello(
        newest == TlsVersion.TLS_1_0 ? ClientHello.Framing.SSL_2 : ClientHello.Framing.TLS,
        List.of(newest),
        List.of(suites),
        ja4 + ".example",
        false,
        List.of(),
        List.of(),
        List.of(),
        false,
        200,
        ja4);
  }

  public static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException wrong) {
      throw new IllegalArgumentException(wrong);
    }
  }

  /** A session that was established with what its hello asks for. */
  public static Sighting session(String device, Instant at, ClientHello hello) {
    return sighting(device, at, "web", true, hello, agreed(hello), false, "", "");
  }

  public static Sighting failure(String device, Instant at, String failure) {
    return sighting(device, at, "web", true, null, null, false, "", failure);
  }

  /** A session of a device that the mail origin refused. */
  public static Sighting refused(String device, Instant at, String listener, OriginReply reply) {
    return new Sighting(
        address(device),
        at.toEpochMilli(),
        listener,
        true,
        new HostPort("origin.example", 587),
        null,
        null,
        true,
        null,
        false,
        "",
        "",
        null,
        Set.of(reply),
        Set.of(),
        Set.of(),
        10,
        100);
  }

  public static Sighting sighting(
      String device,
      Instant at,
      String listener,
      boolean first,
      @Nullable ClientHello hello,
      @Nullable TlsParameters agreed,
      boolean plaintext,
      String introduction,
      String failure) {
    return new Sighting(
        address(device),
        at.toEpochMilli(),
        listener,
        first,
        new HostPort("origin.example", 443),
        hello,
        agreed,
        true,
        null,
        plaintext,
        introduction,
        failure,
        null,
        Set.of(),
        Set.of(),
        Set.of(),
        10,
        100);
  }

  /** Successes of a device, and no new session. */
  public static Sighting succeeded(
      String device, Instant at, HostPort origin, Success... successes) {
    return new Sighting(
        address(device),
        at.toEpochMilli(),
        "web",
        false,
        origin,
        null,
        null,
        true,
        null,
        false,
        "",
        "",
        null,
        Set.of(),
        Set.of(),
        Set.of(successes),
        0,
        0);
  }

  /** A session whose key exchange with the origin used this group. */
  public static Sighting keyExchange(String device, Instant at, HostPort origin, String group) {
    return new Sighting(
        address(device),
        at.toEpochMilli(),
        "web",
        true,
        origin,
        TLS_1_0,
        agreed(TLS_1_0),
        true,
        group,
        false,
        "",
        "",
        null,
        Set.of(),
        Set.of(),
        Set.of(),
        10,
        100);
  }

  /** Takes all sightings from a queue. */
  public static List<Sighting> taken(SightingQueue queue) {
    return queue.drain();
  }

  static TlsParameters agreed(ClientHello hello) {
    return new TlsParameters(hello.newestVersion().orElseThrow(), "TLS_" + hello.ja4(), null);
  }

  /** Many, with devices, times and all else often the same. */
  public static List<Sighting> random(Random random, int size) {
    List<Sighting> all = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      ClientHello hello = random.nextInt(3) == 0 ? null : pick(random, HELLOS);
      TlsParameters agreed = hello == null || random.nextInt(3) == 0 ? null : agreed(hello);
      boolean plaintext = hello == null && random.nextInt(4) == 0;
      String failure =
          agreed != null || plaintext || random.nextBoolean()
              ? ""
              : pick(random, List.of("certificate_rejected", "no_route", "timeout"));
      all.add(
          new Sighting(
              address("10.0.0." + random.nextInt(1, 5)),
              NOW.minusSeconds(random.nextInt(6) * 40_000L).toEpochMilli(),
              pick(random, LISTENERS),
              random.nextBoolean(),
              random.nextInt(4) == 0
                  ? null
                  : new HostPort("o" + random.nextInt(9) + ".example", 443),
              hello,
              agreed,
              random.nextBoolean(),
              random.nextInt(3) == 0 ? pick(random, List.of("x25519", "X25519MLKEM768")) : null,
              plaintext,
              random.nextInt(5) == 0 ? "printer" + random.nextInt(3) : "",
              failure,
              null,
              random.nextInt(6) == 0 ? Set.of(OriginReply.BAD_CREDENTIALS) : Set.of(),
              Set.of(),
              random.nextInt(3) == 0 ? Set.of(pick(random, SUCCESSES)) : Set.of(),
              random.nextInt(1000),
              random.nextInt(1000)));
    }
    return all;
  }

  private static <T> T pick(Random random, List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  public static Delta fold(List<Sighting> sightings) {
    Delta delta = new Delta(1000);
    sightings.forEach(delta::add);
    return delta;
  }
}
