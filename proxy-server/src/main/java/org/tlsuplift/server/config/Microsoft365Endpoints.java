package org.tlsuplift.server.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.route.Destination;
import org.tlsuplift.proxy.route.EndpointList;
import org.tlsuplift.proxy.route.EndpointSet;
import org.tlsuplift.proxy.route.HostPattern;
import org.tlsuplift.proxy.route.Ports;

/**
 * Microsoft's published list of the endpoints of Microsoft 365, worldwide instance.
 *
 * <p>It has the form of the endpoints web service: entries with {@code urls}, {@code ips} and
 * {@code tcpPorts}. Every host and block of an entry is allowed on every TCP port of that entry;
 * entries without TCP ports are ignored. The blocks of an entry are taken as the addresses of its
 * exact names.
 */
public final class Microsoft365Endpoints {
  /** The name of the list in the configuration. */
  public static final String NAME = "microsoft365";

  private static final String RESOURCE = "m365-endpoints-worldwide.json";

  private Microsoft365Endpoints() {}

  /** The list that is part of this version. */
  public static EndpointList bundled() {
    return Bundled.LIST;
  }

  /**
   * Reads a list.
   *
   * @throws IOException if it cannot be read or is not JSON
   * @throws IllegalArgumentException if it is not a list of endpoints; names the entry
   */
  static EndpointList read(InputStream json) throws IOException {
    JsonNode entries = JsonMapper.builder().build().readTree(json);
    if (entries == null || !entries.isArray() || entries.isEmpty()) {
      throw new IllegalArgumentException("not a list of endpoints: a JSON array with entries");
    }
    List<Destination> destinations = new ArrayList<>();
    List<EndpointSet> sets = new ArrayList<>();
    for (JsonNode entry : entries) {
      try {
        add(destinations, sets, entry);
      } catch (IllegalArgumentException refused) {
        throw new IllegalArgumentException(
            "endpoint " + entry.path("id").asText() + ": " + refused.getMessage(), refused);
      }
    }
    return new EndpointList(NAME, destinations, sets);
  }

  private static void add(List<Destination> destinations, List<EndpointSet> sets, JsonNode entry) {
    if (!entry.hasNonNull("tcpPorts")) {
      return;
    }
    Ports ports = Ports.parse(entry.get("tcpPorts").asText());
    List<String> names = new ArrayList<>();
    List<Cidr> ranges = new ArrayList<>();
    for (String kind : List.of("urls", "ips")) {
      for (JsonNode text : entry.path(kind)) {
        HostPattern hosts = HostPattern.parse(text.asText());
        destinations.add(new Destination(hosts, ports));
        if (hosts instanceof HostPattern.Exact exact) {
          names.add(exact.name());
        } else if (hosts instanceof HostPattern.Subnet subnet) {
          ranges.add(subnet.cidr());
        } else if (!(hosts instanceof HostPattern.Starred || hosts instanceof HostPattern.Any)) {
          throw new UnhandledVariantException(hosts);
        }
      }
    }
    if (!names.isEmpty() && !ranges.isEmpty()) {
      sets.add(new EndpointSet(names, ranges, ports));
    }
  }

  /** Read once, at the first use. */
  private static final class Bundled {
    private static final EndpointList LIST = load();

    private static EndpointList load() {
      try (InputStream json = Microsoft365Endpoints.class.getResourceAsStream(RESOURCE)) {
        return read(Objects.requireNonNull(json, RESOURCE));
      } catch (IOException failed) {
        throw new UncheckedIOException("the bundled " + RESOURCE + " cannot be read", failed);
      }
    }
  }
}
