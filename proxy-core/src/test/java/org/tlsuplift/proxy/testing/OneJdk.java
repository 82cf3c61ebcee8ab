package org.tlsuplift.proxy.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * Marks tests whose result is the same on each JDK, because they are about something else: a text,
 * a script, another program, a database. CI runs them on one JDK.
 */
@Tag("one-jdk")
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface OneJdk {}
