package org.tlsuplift.server.microsoft365;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.io.StringWriter;
import java.net.Inet4Address;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.route.HostPattern;
import org.tlsuplift.proxy.route.Ports;

/** The JSON of the web service and of the stored list. Unknown fields are ignored. */
final class ListJson {
  private static final JsonFactory ASCII =
      JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private ListJson() {}

  /**
   * Reads the response of {@code /endpoints}.
   *
   * @param fetched when, or null for a list of this program
   */
  static PublishedList read(
      Cloud cloud, ListVersion version, @Nullable Instant fetched, String json)
      throws OperatorException {
    return list(cloud, version, fetched, JsonFields.allOf(json));
  }

  /** Reads the response of {@code /version}; empty if it has no version of this cloud. */
  static Optional<ListVersion> readLatest(Cloud cloud, String json) throws OperatorException {
    for (JsonFields each : JsonFields.allOf(json)) {
      String latest = each.text("latest");
      if (latest != null && cloud.instance().equalsIgnoreCase(each.text("instance"))) {
        return ListVersion.parse(latest);
      }
    }
    return Optional.empty();
  }

  /** Reads a stored list. */
  static PublishedList readStored(Cloud cloud, String json) throws OperatorException {
    JsonFields stored = JsonFields.of(json);
    ListVersion version =
        Optional.ofNullable(stored.text("version"))
            .flatMap(ListVersion::parse)
            .orElseThrow(() -> new OperatorException("it has no version"));
    return list(cloud, version, moment(stored.text("fetched")), stored.objects("endpoints"));
  }

  /**
   * The content of a stored list.
   *
   * @param endpoints a response of {@code /endpoints} that could be read
   */
  static String stored(PublishedList list, Instant fetched, String endpoints) throws IOException {
    Map<String, @Nullable Object> texts = new LinkedHashMap<>();
    texts.put("instance", list.cloud().instance());
    texts.put("version", list.version());
    texts.put("fetched", fetched);
    return written(texts, endpoints);
  }

  static CheckState readState(String json) throws OperatorException {
    JsonFields state = JsonFields.of(json);
    return new CheckState(
        optional(state.text("checked")),
        optional(state.text("confirmed")),
        Optional.ofNullable(state.text("version")).flatMap(ListVersion::parse).orElse(null),
        optional(state.text("notBefore")));
  }

  static String state(CheckState state) throws IOException {
    Map<String, @Nullable Object> texts = new LinkedHashMap<>();
    texts.put("checked", state.checked());
    texts.put("confirmed", state.confirmed());
    texts.put("version", state.version());
    texts.put("notBefore", state.notBefore());
    return written(texts, null);
  }

  /** Values that are null are left out. */
  private static String written(Map<String, @Nullable Object> texts, @Nullable String endpoints)
      throws IOException {
    StringWriter json = new StringWriter();
    try (JsonGenerator out = ASCII.createGenerator(json).useDefaultPrettyPrinter()) {
      out.writeStartObject();
      for (Map.Entry<String, @Nullable Object> each : texts.entrySet()) {
        if (each.getValue() != null) {
          out.writeStringField(each.getKey(), each.getValue().toString());
        }
      }
      if (endpoints != null) {
        out.writeFieldName("endpoints");
        out.writeRawValue(endpoints);
      }
      out.writeEndObject();
    }
    return json.toString();
  }

  private static @Nullable Instant optional(@Nullable String text) throws OperatorException {
    return text == null ? null : moment(text);
  }

  private static Instant moment(@Nullable String text) throws OperatorException {
    try {
      return Instant.parse(String.valueOf(text));
    } catch (DateTimeException none) {
      throw new OperatorException("it does not say when it was fetched");
    }
  }

  private static PublishedList list(
      Cloud cloud, ListVersion version, @Nullable Instant fetched, List<JsonFields> raw)
      throws OperatorException {
    List<EndpointEntry> entries = new ArrayList<>();
    List<String> ignored = new ArrayList<>();
    for (JsonFields each : raw) {
      Integer id = each.integer("id");
      String area = each.text("serviceArea");
      if (id == null || area == null) {
        throw new OperatorException("an entry has no id or no serviceArea");
      }
      entries.add(entry(id, area, each, ignored));
    }
    if (entries.isEmpty()) {
      throw new OperatorException("it has no entries");
    }
    return new PublishedList(cloud, version, fetched, entries, ignored);
  }

  private static EndpointEntry entry(int id, String area, JsonFields raw, List<String> ignored)
      throws OperatorException {
    List<HostPattern> names = new ArrayList<>();
    List<Cidr> blocks = new ArrayList<>();
    for (String text : raw.texts("urls")) {
      add(id, text, names, blocks, ignored);
    }
    for (String text : raw.texts("ips")) {
      add(id, text, names, blocks, ignored);
    }
    return new EndpointEntry(
        id, area, raw.flag("required"), names, blocks, ports(id, raw.text("tcpPorts")));
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
      // Text that is no pattern is ignored like a pattern that no route can express.
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

  private static @Nullable Ports ports(int id, @Nullable String text) throws OperatorException {
    try {
      return text == null || text.isBlank() ? null : Ports.parse(text);
    } catch (IllegalArgumentException wrong) {
      throw new OperatorException("set " + id + ": " + wrong.getMessage());
    }
  }
}
