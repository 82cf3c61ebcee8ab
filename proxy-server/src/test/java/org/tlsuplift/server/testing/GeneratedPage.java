package org.tlsuplift.server.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A page of the manual that the program writes itself, so that it cannot be out of date. */
public final class GeneratedPage {
  /** Where the manual is, from the directory in which the tests of this module run. */
  public static final Path MANUAL = Path.of("src", "main", "manual");

  private static final String WRITE = "uplift.write";
  private static final String ANY =
      " -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false";

  private GeneratedPage() {}

  /**
   * Compares the page with the file; writes the file instead if {@code -Duplift.write=true} is set.
   *
   * @param topic the name of the page
   * @param text all of it
   * @param test that makes it
   */
  public static void check(String topic, String text, Class<?> test) throws IOException {
    check(MANUAL.resolve(topic + ".md"), text, test);
  }

  /** Compares a generated text with a file, or writes the file. */
  public static void check(Path file, String text, Class<?> test) throws IOException {
    if (Boolean.getBoolean(WRITE)) {
      Files.writeString(file, text);
    }
    assertThat(Files.exists(file) ? Files.readString(file) : "")
        .as("proxy-server/%s is out of date; to write it again:%n  %s", file, command(test))
        .isEqualTo(text);
  }

  private static String command(Class<?> test) {
    String name = test.getSimpleName();
    return name.endsWith("IT")
        ? "mvn verify -Duplift.write=true -Dtest=NONE -Dit.test=" + name + ANY
        : "mvn -pl proxy-server -am test -Duplift.write=true -Dtest=" + name + ANY;
  }

  /** Text in which Markdown finds nothing to do. */
  public static String escaped(String text) {
    return text.replaceAll("([\\\\`*<\\[])", "\\\\$1");
  }
}
