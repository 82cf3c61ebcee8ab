package org.tlsuplift.server.config.binding;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The position of each key and list entry in a YAML text, by its path. */
public final class Positions {
  /** For a text that no operator wrote. */
  public static final Positions NONE = new Positions();

  private final Map<String, Position> byPath = new HashMap<>();

  Positions() {}

  /** Notes a position, unless this path has one. */
  void note(String path, Position position) {
    byPath.putIfAbsent(path, position);
  }

  /** Adds the position of its key to each problem, or of the nearest parent in the text. */
  public List<ConfigProblem> locate(List<ConfigProblem> problems) {
    return problems.stream()
        .map(each -> each.position() == null ? each.at(nearest(each.path())) : each)
        .toList();
  }

  /** The position of a key or entry, such as {@code listeners[0].name}; null if it has none. */
  public @Nullable Position of(String path) {
    return byPath.get(path);
  }

  private @Nullable Position nearest(String path) {
    for (String at = path; !at.isEmpty(); at = parent(at)) {
      Position found = of(at);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private static String parent(String path) {
    return path.substring(0, Math.max(0, Math.max(path.lastIndexOf('.'), path.lastIndexOf('['))));
  }
}
