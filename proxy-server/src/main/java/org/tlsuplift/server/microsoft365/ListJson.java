package org.tlsuplift.server.microsoft365;

import com.fasterxml.jackson.annotation.JsonRawValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.Inet4Address;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.route.HostPattern;
import org.tlsuplift.proxy.route.Ports;
import org.tlsuplift.server.json.Json;

/** The JSON of the web service and of the stored list. Unknown fields are ignored. */
final class ListJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          .build();

  private ListJson() {}

  private record Entry(
      @Nullable Integer id,
      @Nullable String serviceArea,
      @Nullable Boolean required,
      @Nullable List<@Nullable String> urls,
      @Nullable List<@Nullable String> ips,
      @Nullable String tcpPorts) {}

  private record Latest(@Nullable String instance, @Nullable String latest) {}

  private record Stored(
      @Nullable String version,
      @Nullable String fetched,
      @Nullable List<@Nullable Entry> endpoints) {}

  private record Kept(
      String instance, String version, Instant fetched, @JsonRawValue String endpoints) {}

  private record State(
      @Nullable String checked,
      @Nullable String confirmed,
      @Nullable String version,
      @Nullable String notBefore) {}

  /**
   * Reads the response of {@code /endpoints}.
   *
   * @param fetched when, or null for a list of this program
   */
  static PublishedList read(
      Cloud cloud, ListVersion version, @Nullable Instant fetched, String json)
      throws UnusableListException {
    return list(cloud, version, fetched, Arrays.asList(parse(json, Entry[].class)));
  }

  /** Reads the response of {@code /version}; empty if it has no version of this cloud. */
  static Optional<ListVersion> readLatest(Cloud cloud, String json) throws UnusableListException {
    for (Latest each : parse(json, Latest[].class)) {
      if (cloud.instance().equalsIgnoreCase(each.instance()) && each.latest() != null) {
        return ListVersion.parse(each.latest());
      }
    }
    return Optional.empty();
  }

  /** Reads a stored list. */
  static PublishedList readStored(Cloud cloud, String json) throws UnusableListException {
    Stored stored = parse(json, Stored.class);
    ListVersion version =
        Optional.ofNullable(stored.version())
            .flatMap(ListVersion::parse)
            .orElseThrow(() -> new UnusableListException("it has no version"));
    return list(
        cloud,
        version,
        moment(stored.fetched()),
        Objects.requireNonNullElse(stored.endpoints(), List.<@Nullable Entry>of()));
  }

  /**
   * The content of a stored list.
   *
   * @param endpoints a response of {@code /endpoints} that could be read
   */
  static String stored(PublishedList list, Instant fetched, String endpoints) throws IOException {
    return Json.INDENTED.writeValueAsString(
        new Kept(list.cloud().instance(), list.version().toString(), fetched, endpoints));
  }

  static CheckState readState(String json) throws UnusableListException {
    State state = parse(json, State.class);
    return new CheckState(
        optional(state.checked()),
        optional(state.confirmed()),
        Optional.ofNullable(state.version()).flatMap(ListVersion::parse).orElse(null),
        optional(state.notBefore()));
  }

  static String state(CheckState state) throws IOException {
    return Json.INDENTED.writeValueAsString(
        new State(
            text(state.checked()),
            text(state.confirmed()),
            text(state.version()),
            text(state.notBefore())));
  }

  private static @Nullable String text(@Nullable Object value) {
    return value == null ? null : value.toString();
  }

  private static @Nullable Instant optional(@Nullable String text) throws UnusableListException {
    return text == null ? null : moment(text);
  }

  private static Instant moment(@Nullable String text) throws UnusableListException {
    try {
      return Instant.parse(String.valueOf(text));
    } catch (DateTimeException none) {
      throw new UnusableListException("it does not say when it was fetched");
    }
  }

  private static <T> T parse(String json, Class<T> type) throws UnusableListException {
    try {
      T read = MAPPER.readValue(json, type);
      if (read == null) {
        throw new UnusableListException("it is empty");
      }
      return read;
    } catch (JsonProcessingException wrong) {
      // The message would quote the content.
      throw new UnusableListException(
          "it is not the expected JSON (line %d, column %d)"
              .formatted(wrong.getLocation().getLineNr(), wrong.getLocation().getColumnNr()));
    }
  }

  private static PublishedList list(
      Cloud cloud,
      ListVersion version,
      @Nullable Instant fetched,
      List<? extends @Nullable Entry> raw)
      throws UnusableListException {
    List<EndpointEntry> entries = new ArrayList<>();
    List<String> ignored = new ArrayList<>();
    for (Entry each : raw) {
      if (each == null || each.id() == null || each.serviceArea() == null) {
        throw new UnusableListException("an entry has no id or no serviceArea");
      }
      entries.add(entry(each.id(), each.serviceArea(), each, ignored));
    }
    if (entries.isEmpty()) {
      throw new UnusableListException("it has no entries");
    }
    return new PublishedList(cloud, version, fetched, entries, ignored);
  }

  private static EndpointEntry entry(int id, String area, Entry raw, List<String> ignored)
      throws UnusableListException {
    List<HostPattern> names = new ArrayList<>();
    List<Cidr> blocks = new ArrayList<>();
    for (String text : Objects.requireNonNullElse(raw.urls(), List.<@Nullable String>of())) {
      add(id, text, names, blocks, ignored);
    }
    for (String text : Objects.requireNonNullElse(raw.ips(), List.<@Nullable String>of())) {
      add(id, text, names, blocks, ignored);
    }
    return new EndpointEntry(
        id, area, Boolean.TRUE.equals(raw.required()), names, blocks, ports(id, raw.tcpPorts()));
  }

  /**
   * What no route can express, or what would open the fence for everything, is left out: the list
   * then allows less.
   */
  private static void add(
      int id,
      @Nullable String text,
      List<HostPattern> names,
      List<Cidr> blocks,
      List<String> ignored) {
    try {
      HostPattern hosts = HostPattern.parse(Objects.requireNonNullElse(text, ""));
      if (hosts instanceof HostPattern.Subnet subnet && isBlock(subnet.cidr())) {
        blocks.add(subnet.cidr());
        return;
      }
      if (hosts instanceof HostPattern.Exact
          || (hosts instanceof HostPattern.Starred starred && isDomain(starred))) {
        names.add(hosts);
        return;
      }
    } catch (IllegalArgumentException refused) {
      // The same as the rest.
    }
    ignored.add("set " + id + ": " + ShortText.quoted(String.valueOf(text)));
  }

  /** Microsoft's largest blocks are a /13 and a /32. */
  private static boolean isBlock(Cidr block) {
    return block.prefixLength() >= (block.network() instanceof Inet4Address ? 8 : 20);
  }

  /** Not a whole top-level domain, such as {@code *.com}. */
  private static boolean isDomain(HostPattern.Starred starred) {
    String after = starred.after();
    return after.indexOf('.', after.indexOf('.') + 1) > 0;
  }

  private static @Nullable Ports ports(int id, @Nullable String text) throws UnusableListException {
    try {
      return text == null || text.isBlank() ? null : Ports.parse(text);
    } catch (IllegalArgumentException wrong) {
      throw new UnusableListException("set " + id + ": " + wrong.getMessage());
    }
  }
}
