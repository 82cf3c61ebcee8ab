package org.tlsuplift.server.config.binding;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.jspecify.annotations.Nullable;

/**
 * The form of a text in the configuration. An implementation has {@link Rules} and a constructor
 * without parameters.
 */
public interface Form<T> {
  /**
   * The meaning of a text; may be null.
   *
   * @throws IllegalArgumentException if it has another form, with the remedy, which may be empty
   */
  @Nullable T parse(String text);

  /**
   * What messages show of a wrong text that may be a secret by mistake; null if they show the text
   * itself.
   */
  default @Nullable String shown(String wrong) {
    return null;
  }

  /** What messages and the JSON schema say about a form. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target(ElementType.TYPE)
  @interface Rules {
    /** The form in messages; empty if each key has its own. */
    String expected() default "";

    /** The pattern of the JSON schema (ECMA-262), as far as a pattern can say it. */
    String pattern() default "";

    /** Other rules of the JSON schema, in YAML. */
    String schema() default "";
  }
}
