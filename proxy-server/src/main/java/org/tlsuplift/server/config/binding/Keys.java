package org.tlsuplift.server.config.binding;

import java.lang.reflect.RecordComponent;

/** What a reload must know about the keys of the configuration. */
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

  /** Whether only a restart changes the value of a component. */
  public static boolean needsRestart(RecordComponent component) {
    return new Setting(component).key.restart();
  }
}
