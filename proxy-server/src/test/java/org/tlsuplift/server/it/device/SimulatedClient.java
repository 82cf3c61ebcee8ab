package org.tlsuplift.server.it.device;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlsuplift.server.it.lab.Peers;

/**
 * A real device or program whose ClientHello the package {@code testssl.sh} has recorded.
 *
 * @param name what it is, such as {@code IE 8 XP}
 * @param newest the number of the newest version that it offers
 * @param hex its first bytes
 */
record SimulatedClient(String name, int newest, String hex) {
  private static final String FILE = "/etc/testssl/client-simulation.txt";
  private static final Pattern FIELD = Pattern.compile("^\\s*(\\w+)\\+=\\(\"?([^\")]*)\"?\\)\\s*$");
  private static final int SSL2_FRAMING = 0x80;
  private static final int SERVER_NAME = 0;
  private static final int SUPPORTED_GROUPS = 10;
  private static final int SIGNATURE_ALGORITHMS = 13;
  private static final int SUPPORTED_VERSIONS = 43;
  private static final int TLS_1_2 = 0x0303;
  private static final int TLS_1_3 = 0x0304;

  /** All that the package has. */
  static List<SimulatedClient> all() {
    List<SimulatedClient> clients = new ArrayList<>();
    String name = "";
    String hex = "";
    for (String line : lines()) {
      Matcher field = FIELD.matcher(line);
      if (!field.matches()) {
        continue;
      }
      switch (field.group(1)) {
        case "names" -> name = field.group(2);
        case "handshakebytes" -> hex = field.group(2);
        case "highest_protocol" ->
            clients.add(new SimulatedClient(name, Integer.decode(field.group(2)), hex));
        default -> {
          // Not needed to replay it.
        }
      }
    }
    return clients;
  }

  private static List<String> lines() {
    try {
      return Files.readAllLines(Peers.file(FILE, "testssl.sh"));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  byte[] hello() {
    return HexFormat.of().parseHex(hex);
  }

  private boolean isInSsl2Framing() {
    return (hello()[0] & SSL2_FRAMING) != 0;
  }

  /** The numbers of the suites that it offers (RFC 8446 section 4.1.2, RFC 5246 appendix E.2). */
  List<Integer> suites() {
    ByteBuffer in = ByteBuffer.wrap(hello());
    boolean ssl2 = isInSsl2Framing();
    int length = ssl2 ? in.position(5).getShort() & 0xffff : length16(afterSessionId(in));
    if (ssl2) {
      in.position(11);
    }
    List<Integer> suites = new ArrayList<>();
    for (int end = in.position() + length; in.position() < end; ) {
      int high = ssl2 ? (in.get() & 0xff) << 16 : 0;
      suites.add(high | length16(in));
    }
    return suites;
  }

  /** The name that it asks for (RFC 6066 section 3). */
  Optional<String> serverName() {
    return extension(SERVER_NAME)
        .map(data -> new String(data, 5, data.length - 5, StandardCharsets.US_ASCII));
  }

  /** Some offer a draft of TLS 1.3 in place of it, and then get TLS 1.2. */
  boolean offersDraftOnly() {
    return newest == TLS_1_3
        && extension(SUPPORTED_VERSIONS)
            .map(HexFormat.of()::formatHex)
            .filter(versions -> versions.substring(2).matches("(.{4})*?0304.*"))
            .isEmpty();
  }

  /** Whether it supports a certificate with a P-256 key (RFC 8422 section 5.1, RFC 8446 4.2.3). */
  boolean supportsP256() {
    int version = offersDraftOnly() ? TLS_1_2 : newest;
    return lists(SUPPORTED_GROUPS, "0017")
        && (version < TLS_1_2 || lists(SIGNATURE_ALGORITHMS, "0403"));
  }

  /** Whether the list in an extension has a number of four hexadecimal digits. */
  private boolean lists(int extension, String number) {
    return extension(extension)
        .map(HexFormat.of()::formatHex)
        .filter(list -> list.substring(4).matches("(.{4})*?" + number + ".*"))
        .isPresent();
  }

  private Optional<byte[]> extension(int wanted) {
    if (isInSsl2Framing()) {
      return Optional.empty();
    }
    ByteBuffer in = afterSessionId(ByteBuffer.wrap(hello()));
    skip(in, length16(in));
    skip(in, in.get() & 0xff);
    if (in.hasRemaining()) {
      in.getShort();
    }
    while (in.hasRemaining()) {
      boolean found = length16(in) == wanted;
      byte[] data = new byte[length16(in)];
      in.get(data);
      if (found) {
        return Optional.of(data);
      }
    }
    return Optional.empty();
  }

  /** Record header, message header, version, random, session id. */
  private static ByteBuffer afterSessionId(ByteBuffer in) {
    in.position(5 + 4 + 2 + 32);
    skip(in, in.get() & 0xff);
    return in;
  }

  private static void skip(ByteBuffer in, int length) {
    in.position(in.position() + length);
  }

  private static int length16(ByteBuffer in) {
    return in.getShort() & 0xffff;
  }

  @Override
  public String toString() {
    return name;
  }
}
