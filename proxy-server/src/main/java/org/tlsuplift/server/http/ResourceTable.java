package org.tlsuplift.server.http;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.feature.Role;

/** The resources by path. Immutable. */
final class ResourceTable {
  /**
   * A resource and the variable of its path.
   *
   * @param role that a user needs; null for everyone
   * @param variable decoded; empty if the route has none
   */
  record Match(Resource resource, @Nullable Role role, String variable) {}

  private record WithVariable(String before, String after, ResourcePath path) {
    /** The segment between, or nothing. */
    Optional<String> variable(String path) {
      int end = path.length() - after.length();
      if (end <= before.length() || !path.startsWith(before) || !path.endsWith(after)) {
        return Optional.empty();
      }
      String segment = path.substring(before.length(), end);
      return segment.indexOf('/') < 0 ? Optional.of(segment) : Optional.empty();
    }
  }

  private final Map<String, ResourcePath> exact = new HashMap<>();
  private final List<WithVariable> withVariable = new ArrayList<>();

  /**
   * A path without a variable wins over a path with one. Of two paths with a variable, the first
   * wins.
   */
  ResourceTable(List<ResourcePath> resources) {
    for (ResourcePath resourcePath : resources) {
      String pattern = resourcePath.pattern();
      int start = pattern.indexOf('{');
      if (start >= 0) {
        withVariable.add(
            new WithVariable(
                pattern.substring(0, start),
                pattern.substring(pattern.indexOf('}') + 1),
                resourcePath));
      } else if (exact.put(pattern, resourcePath) != null) {
        throw new IllegalArgumentException("two routes for " + pattern);
      }
    }
  }

  /**
   * Finds the resource for a path.
   *
   * @param path as it was sent, without the query
   * @throws IllegalArgumentException if the percent-encoding of the variable is invalid
   */
  Optional<Match> find(String path) {
    ResourcePath found = exact.get(path);
    if (found != null) {
      return Optional.of(match(found, ""));
    }
    for (WithVariable each : withVariable) {
      Optional<String> variable = each.variable(path);
      if (variable.isPresent()) {
        return Optional.of(match(each.path(), decode(variable.get())));
      }
    }
    return ErrorResponses.isForScripts(path) ? Optional.empty() : below(path);
  }

  private static Match match(ResourcePath found, String variable) {
    return new Match(found.resource(), found.role(), variable);
  }

  /** The resource of the nearest path above that serves all paths below it. */
  private Optional<Match> below(String path) {
    for (int end = path.lastIndexOf('/'); end >= 0; end = path.lastIndexOf('/', end - 1)) {
      ResourcePath found = exact.get(path.substring(0, end) + ResourcePath.FALLBACK);
      if (found != null) {
        return Optional.of(match(found, ""));
      }
    }
    return Optional.empty();
  }

  /** In a path, unlike in a query, a plus is a plus. */
  private static String decode(String segment) {
    return QueryStringDecoder.decodeComponent(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
