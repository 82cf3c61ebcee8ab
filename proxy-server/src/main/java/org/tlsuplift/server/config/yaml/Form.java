package org.tlsuplift.server.config.yaml;

import org.jspecify.annotations.Nullable;

/**
 * The form of a text in the configuration. An implementation has a constructor without parameters
 * that this package can call.
 */
public interface Form<T> {
  /**
   * The meaning of a text; may be null.
   *
   * @throws IllegalArgumentException if it has another form, with the remedy, which may be empty
   */
  @Nullable T parse(String text);

  /** The rules of the JSON schema, in YAML. */
  String schema();

  /** The form in messages; empty if each key has its own. */
  default String expected() {
    return "";
  }

  /**
   * What messages show of a wrong text that may be a secret by mistake; null if they show the text
   * itself.
   */
  default @Nullable String shown(String wrong) {
    return null;
  }
}
