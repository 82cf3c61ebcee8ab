package org.tlsuplift.server.config.binding;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The rules of the JSON schema that concern several keys of a record: what {@link Checked#check}
 * reports, as far as a schema can say it.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface SchemaRules {
  /** The rules in YAML. */
  String value();
}
