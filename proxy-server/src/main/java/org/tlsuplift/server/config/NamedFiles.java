package org.tlsuplift.server.config;

import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The files that a configuration names and that the daemon reads only when it loads the
 * configuration, such as roots, passwords and names of devices. Found by reflection over the
 * records, so that a new key is not forgotten.
 */
public final class NamedFiles {
  /** The daemon writes them, or watches them itself. */
  private static final Set<String> OTHERS = Set.of("dataDirectory", "file", "accountsFile");

  private NamedFiles() {}

  /** The files, in the order of the records. */
  public static List<Path> of(ServerConfig config) {
    Set<Path> files = new LinkedHashSet<>();
    add("", config, files);
    return List.copyOf(files);
  }

  private static void add(String name, @Nullable Object value, Set<Path> files) {
    if (value instanceof Path file) {
      if (!OTHERS.contains(name)) {
        files.add(file);
      }
    } else if (value instanceof Collection<?> all) {
      all.forEach(each -> add(name, each, files));
    } else if (value instanceof Record record
        && !(value instanceof KeyFiles)
        && record.getClass().getPackageName().startsWith("org.tlsuplift.server.config")) {
      for (RecordComponent component : record.getClass().getRecordComponents()) {
        try {
          add(component.getName(), component.getAccessor().invoke(record), files);
        } catch (ReflectiveOperationException hidden) {
          throw new IllegalStateException(component + " is not public", hidden);
        }
      }
    }
  }
}
