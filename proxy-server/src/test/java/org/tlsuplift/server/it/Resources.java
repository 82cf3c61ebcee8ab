package org.tlsuplift.server.it;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Objects;

/** Files beside the test classes. */
final class Resources {
  private Resources() {}

  static Path path(String name) {
    return file(Objects.requireNonNull(Resources.class.getResource(name), name));
  }

  /** The directory of the test classes. */
  static Path classes() {
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
