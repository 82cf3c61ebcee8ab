package org.tlsuplift.server.it.lab;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Objects;

/** Files beside the test classes. */
public final class Resources {
  private Resources() {}

  public static Path path(String name) {
    return file(
        Objects.requireNonNull(
            Resources.class.getResource("/org/tlsuplift/server/it/" + name), name));
  }

  /** The directory of the test classes. */
  public static Path classes() {
    return file(Resources.class.getProtectionDomain().getCodeSource().getLocation());
  }

  private static Path file(URL url) {
    try {
      return Path.of(url.toURI());
    } catch (URISyntaxException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
