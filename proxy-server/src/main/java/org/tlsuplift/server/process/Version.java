package org.tlsuplift.server.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/**
 * The versions of this program and its libraries, as the build recorded them.
 *
 * @param tcnative the version of netty-tcnative, which contains BoringSSL
 */
public record Version(String number, String netty, String tcnative) {
  private static final String RESOURCE = "version.properties";

  public static Version current() {
    Properties properties = new Properties();
    try (InputStream content = Version.class.getResourceAsStream(RESOURCE)) {
      properties.load(Objects.requireNonNull(content, RESOURCE));
    } catch (IOException failed) {
      throw new UncheckedIOException("the bundled " + RESOURCE + " cannot be read", failed);
    }
    return new Version(
        properties.getProperty("version", ""),
        properties.getProperty("netty", ""),
        properties.getProperty("tcnative", ""));
  }

  @Override
  public String toString() {
    return "tls-uplift %s (Netty %s, BoringSSL of netty-tcnative %s, Java %s)"
        .formatted(number, netty, tcnative, Runtime.version());
  }
}
