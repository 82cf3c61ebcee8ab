package org.tlsuplift.server.config;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.config.binding.Form;
import org.tlsuplift.server.inventory.DeviceAddress;

/** Reads the names of devices from a file. */
public final class DeviceNamesReader {
  private static final long MAX_BYTES = 16 << 20;
  private static final int MAX_NAME = 100;

  /** A line with a MAC address after the name. */
  private static final Pattern WITH_MAC =
      Pattern.compile(
          "([^,;]*)([,;].*)[,;]\\s*\"?((?:[0-9A-Fa-f]{2}[:.-]?){5}[0-9A-Fa-f]{2})\"?\\s*");

  private DeviceNamesReader() {}

  /**
   * Reads lines with an address, a comma or semicolon, and a name. A MAC address may follow. A
   * first line without an address is a header. UTF-8, with or without a byte order mark, at most 16
   * MiB.
   *
   * @throws IOException if the file cannot be read or has errors; the message names the line
   */
  public static Map<InetAddress, String> read(Path file) throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw new IOException("larger than 16 MiB");
    }
    Map<InetAddress, String> names = new LinkedHashMap<>();
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (CharacterCodingException wrong) {
      throw new IOException("not a text in UTF-8", wrong);
    }
    for (int i = 0; i < lines.size(); i++) {
      String line = i == 0 ? withoutMark(lines.get(0)) : lines.get(i);
      Matcher withMac = WITH_MAC.matcher(line);
      if (withMac.matches()) {
        line = withMac.group(1) + withMac.group(2);
      }
      String[] cells = line.split("[,;]", 2);
      if (line.isBlank() || (i == 0 && isWord(unquoted(cells[0])))) {
        continue;
      }
      try {
        InetAddress address = address(unquoted(cells[0]));
        names.put(address, checkedName(cells.length < 2 ? "" : unquoted(cells[1])));
      } catch (IllegalArgumentException wrong) {
        throw new IOException("line " + (i + 1) + ": " + wrong.getMessage(), wrong);
      }
    }
    return names;
  }

  /**
   * The addresses of the devices whose MAC address the file has.
   *
   * @param file null for none
   * @return by the MAC address, in lower case without separators
   */
  public static Map<String, String> macs(@Nullable Path file) throws IOException {
    Map<String, String> macs = new LinkedHashMap<>();
    for (String line : file == null ? List.<String>of() : Files.readAllLines(file)) {
      Matcher withMac = WITH_MAC.matcher(withoutMark(line));
      if (withMac.matches() && !isWord(unquoted(withMac.group(1)))) {
        macs.put(
            withMac.group(3).toLowerCase(Locale.ROOT).replaceAll("[:.-]", ""),
            DeviceAddress.of(address(unquoted(withMac.group(1)))).text());
      }
    }
    return macs;
  }

  private static String withoutMark(String line) {
    return line.startsWith("\ufeff") ? line.substring(1) : line;
  }

  /** A column heading: every address has a digit or a colon. */
  private static boolean isWord(String cell) {
    return cell.matches("[^0-9:]+");
  }

  private static InetAddress address(String text) {
    Cidr one;
    try {
      one = Cidr.parse(text);
    } catch (IllegalArgumentException wrong) {
      throw new IllegalArgumentException(
          "'" + text + "' is not an IPv4 or IPv6 address; write 10.1.2.3 or 2001:db8::7", wrong);
    }
    if (one.prefixLength() != one.network().getAddress().length * 8) {
      throw new IllegalArgumentException("write single addresses: a block has no name");
    }
    return one.network();
  }

  private static String checkedName(String text) {
    if (text.isBlank() || text.length() > MAX_NAME || !text.matches("[^\\p{Cntrl}]*")) {
      throw new IllegalArgumentException("a name has 1 to 100 printable characters");
    }
    return text.strip();
  }

  private static String unquoted(String cell) {
    String stripped = cell.strip();
    boolean quoted = stripped.length() > 1 && stripped.startsWith("\"") && stripped.endsWith("\"");
    return quoted ? stripped.substring(1, stripped.length() - 1).replace("\"\"", "\"") : stripped;
  }

  /** A single address. */
  @Form.Rules(schema = "{pattern: '^[0-9A-Fa-f:.]+$'}")
  static final class Address implements Form<InetAddress> {
    @Override
    public InetAddress parse(String text) {
      return address(text);
    }
  }

  /** The name of a device. */
  @Form.Rules(schema = "{type: string, minLength: 1, maxLength: 100, pattern: '\\S'}")
  static final class Name implements Form<String> {
    @Override
    public String parse(String text) {
      return checkedName(text);
    }
  }
}
