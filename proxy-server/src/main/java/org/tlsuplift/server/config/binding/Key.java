package org.tlsuplift.server.config.binding;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What the loader, the JSON schema and a reload must know about a key of the configuration. It
 * stands on the component of a record that has the value of the key.
 *
 * <p>A key without this annotation is optional, has any value of the component's type, and has the
 * default that is written in {@code config/tls-uplift.yaml}.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Key {
  /** The name, if no component can be called like that. */
  String name() default "";

  /** The default if {@code config/tls-uplift.yaml} does not set the key. */
  String fallback() default "";

  /** Whether the key must be written. */
  boolean required() default false;

  /** What to do if a required key is missing; may be empty. */
  String remedy() default "";

  /** The lowest number, the shortest time or the smallest size. */
  String min() default "";

  /** The highest number, the longest time or the largest size. */
  String max() default "";

  /** The valid values, in messages; by default those of the type. */
  String expected() default "";

  /** The form of a text, a {@link Form}; by default that of the type. */
  Class<?> form() default void.class;

  /** The form of the keys of a mapping, a {@link Form}. */
  Class<?> keys() default void.class;

  /** The record of a section that may stand in the place of a text. */
  Class<?> section() default void.class;

  /** The words of an enum that are allowed here; by default all. */
  String[] words() default {};

  /** Words that are refused for a reason. */
  Refused[] refused() default {};

  /** Whether a single value may be written instead of a list. */
  boolean single() default false;

  /** Whether the list may be empty. */
  boolean empty() default false;

  /** Whether the record has no key: its keys are among those of this section. */
  boolean inline() default false;

  /**
   * Whether this section itself is the only entry if the list is missing and the section has one of
   * the entries' keys.
   */
  boolean orSelf() default false;

  /** Whether only an entry of a list has the key, not an {@link #orSelf} section. */
  boolean listed() default false;

  /** Whether only a restart changes the value. */
  boolean restart() default false;

  /** Whether the value is a secret, or lets somebody guess one. Pages hide it. */
  boolean secret() default false;

  /** More rules for the JSON schema, in YAML. */
  String schema() default "";

  /** Words that are refused for a reason. */
  @interface Refused {
    String[] words();

    /** The reason and the remedy. */
    String why();
  }
}
