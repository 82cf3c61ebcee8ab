package org.tlsuplift.server.config.binding;

import java.lang.reflect.RecordComponent;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The keys of the configuration, as the records declare them. */
public final class Keys {
  private Keys() {}

  /** The path of a component's key, below the path of its section. */
  public static String path(String section, RecordComponent component) {
    Setting setting = new Setting(component);
    if (setting.key.inline()) {
      return section;
    }
    return section.isEmpty() ? setting.name : section + "." + setting.name;
  }

  /**
   * The record of a component's value, or of the entries of its list, if it is a section; null if
   * it is the value of one key, such as an address.
   */
  public static @Nullable Class<?> section(RecordComponent component) {
    return new Setting(component).section(YamlNode.mapping(Map.of()));
  }

  /** The value of a component. */
  public static @Nullable Object value(RecordComponent component, Record record) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException failed) {
      throw new IllegalStateException(component + " failed", failed);
    }
  }

  /** Whether only a restart changes the value of a component. */
  public static boolean needsRestart(RecordComponent component) {
    return new Setting(component).key.restart();
  }
}
