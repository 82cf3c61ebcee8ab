package org.tlsuplift.server.microsoft365;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;

/**
 * A list that Microsoft published for a cloud.
 *
 * @param fetched when the web service sent it, or null if it is part of this program
 * @param entries in Microsoft's order
 * @param ignored names and blocks that no route can express; empty as far as known
 */
public record PublishedList(
    Cloud cloud,
    ListVersion version,
    @Nullable Instant fetched,
    List<EndpointEntry> entries,
    List<String> ignored) {
  private static final Map<Cloud, PublishedList> BUNDLED = new ConcurrentHashMap<>();

  public PublishedList {
    entries = List.copyOf(entries);
    ignored = List.copyOf(ignored);
  }

  /** The list that is part of this version of the program. */
  public static PublishedList bundled(Cloud cloud) {
    return BUNDLED.computeIfAbsent(cloud, PublishedList::load);
  }

  private static PublishedList load(Cloud cloud) {
    String resource = "m365-endpoints-" + cloud.instance().toLowerCase(Locale.ROOT) + ".json";
    try (InputStream json = PublishedList.class.getResourceAsStream(resource)) {
      String content =
          new String(Objects.requireNonNull(json, resource).readAllBytes(), StandardCharsets.UTF_8);
      return ListJson.read(cloud, bundledVersion(cloud), null, content);
    } catch (IOException | OperatorException impossible) {
      throw new UncheckedIOException(
          new IOException("the bundled " + resource + " cannot be read", impossible));
    }
  }

  /** The version of the bundled files, whose content does not contain it. */
  private static ListVersion bundledVersion(Cloud cloud) {
    return new ListVersion(
        switch (cloud) {
          case WORLDWIDE -> 2026081400L;
          case GCC_HIGH, DOD -> 2026033100L;
          case CHINA -> 2025013000L;
        });
  }

  /** The distinct names and patterns, in the order of the list. */
  public Set<String> names() {
    return texts(entry -> entry.names().stream());
  }

  /** The distinct address blocks, in the order of the list. */
  public Set<String> blocks() {
    return texts(entry -> entry.blocks().stream());
  }

  /**
   * The domains of these hosts that the list has as a whole, such as {@code *.office365.com} for
   * {@code smtp.office365.com}: Microsoft's own, in which it adds hosts. Domains that reach much
   * more than Microsoft 365 are left out.
   */
  public List<String> domainsOf(Collection<String> hosts) {
    return entries.stream()
        .flatMap(entry -> entry.names().stream())
        .filter(pattern -> pattern.toString().startsWith("*.") && !SharedNames.contain(pattern))
        .filter(pattern -> hosts.stream().anyMatch(pattern::matches))
        .map(Object::toString)
        .distinct()
        .toList();
  }

  private Set<String> texts(Function<EndpointEntry, Stream<?>> of) {
    return entries.stream()
        .flatMap(of)
        .map(Object::toString)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** Such as {@code 2026081400 (bundled)}. */
  @Override
  public String toString() {
    return version + (fetched == null ? " (bundled)" : " (fetched " + fetched + ")");
  }
}
