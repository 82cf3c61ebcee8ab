package org.tlsuplift.server.http.pages;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How other machines reach the admin port.
 *
 * @param tls whether the port uses HTTPS
 * @param local whether only this machine can reach it
 * @param url the address in browsers, if a proxy makes another one; else null
 * @param names of the port, the best first; may be empty
 */
public record AdminReach(boolean tls, boolean local, @Nullable String url, List<String> names) {
  private static final int MAX_NAME = 255;

  public AdminReach {
    names = List.copyOf(names);
  }

  /** The address of a path for another machine; empty if none is known. */
  public Optional<String> address(PageHost host, String path) {
    if (url != null) {
      return Optional.of(url.replaceFirst("/$", "") + path);
    }
    Optional<String> name =
        host.isLocal()
            ? local ? Optional.empty() : names.stream().findFirst()
            : Optional.of(host.host());
    return name.filter(known -> known.length() <= MAX_NAME)
        .map(known -> (tls ? "https://" : "http://") + bracketed(known) + host.port() + path);
  }

  private static String bracketed(String host) {
    return host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host;
  }
}
