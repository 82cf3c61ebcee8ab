package org.tlsuplift.server.mapping;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.MailConfig;
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.Keys;

/**
 * The keys in which two configurations differ, found by reflection over their records. A key that
 * is added to the records is found without a change here.
 *
 * @param changed the keys, such as {@code listeners[0].profile}, in the order of the records
 * @param restart why the second configuration needs a restart; empty if a reload can apply it
 */
public record ConfigDifference(List<String> changed, List<ConfigProblem> restart) {
  public ConfigDifference {
    changed = changed.stream().sorted().toList();
    restart = List.copyOf(restart);
  }

  /** Compares the configuration with which a daemon was started with the next one. */
  public static ConfigDifference of(ServerConfig started, ServerConfig next) {
    return of(started, next, TlsRuntime.isAntique(started));
  }

  /**
   * Compares the configuration of a running daemon with the next one.
   *
   * @param relaxed whether this process started with an antique listener
   */
  public static ConfigDifference of(ServerConfig running, ServerConfig next, boolean relaxed) {
    ConfigDifference keys = between(running, next);
    List<ConfigProblem> restart = new ArrayList<>(keys.restart);
    if (!relaxed) {
      antique(next, restart);
    }
    return new ConfigDifference(keys.changed, restart);
  }

  /** Compares the keys of a configuration and its sections. */
  static ConfigDifference between(Record running, Record next) {
    List<String> changed = new ArrayList<>();
    List<ConfigProblem> restart = new ArrayList<>();
    compare("", false, running.getClass(), running, next, changed, restart);
    return new ConfigDifference(changed, restart);
  }

  /**
   * Other records, such as an address block, are the value of one key. A listener inherits the
   * rules for messages as a whole.
   *
   * @param isFixed whether only a restart changes the value
   * @param section the record of the value or of its entries, if its components are keys
   */
  private static void compare(
      String path,
      boolean isFixed,
      @Nullable Class<?> section,
      @Nullable Object running,
      @Nullable Object next,
      List<String> changed,
      List<ConfigProblem> restart) {
    if (Objects.equals(running, next)) {
      return;
    }
    if (section != null
        && section != MailConfig.class
        && section.isInstance(running)
        && section.isInstance(next)) {
      for (RecordComponent component : section.getRecordComponents()) {
        compare(
            Keys.path(path, component),
            isFixed || Keys.needsRestart(component),
            Keys.section(component),
            Keys.value(component, (Record) running),
            Keys.value(component, (Record) next),
            changed,
            restart);
      }
    } else if (running instanceof List<?> before
        && next instanceof List<?> after
        && before.size() == after.size()) {
      for (int i = 0; i < before.size(); i++) {
        compare(
            path + "[" + i + "]", isFixed, section, before.get(i), after.get(i), changed, restart);
      }
    } else if (isFixed) {
      restart.add(
          new ConfigProblem(
              path,
              "the running daemon has " + text(running),
              "",
              "a reload cannot change this key; restart the daemon"));
    } else {
      changed.add(path);
    }
  }

  private static String text(@Nullable Object value) {
    return value == null
        ? "none"
        : value instanceof Record ? "a value" : "'" + value.toString().replace("\n", " ") + "'";
  }

  /** The JDK reads its settings for old TLS versions once, at the start. */
  private static void antique(ServerConfig next, List<ConfigProblem> restart) {
    for (int i = 0; i < next.listeners().size(); i++) {
      if (next.listeners().get(i).tls().profile() == ListenerConfig.Profile.ANTIQUE) {
        restart.add(
            new ConfigProblem(
                "listeners[" + i + "].profile",
                "the running daemon was started without an antique listener",
                "",
                "a reload cannot add the first one; restart the daemon"));
        return;
      }
    }
  }
}
