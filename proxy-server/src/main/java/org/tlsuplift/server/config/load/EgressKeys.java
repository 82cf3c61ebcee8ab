package org.tlsuplift.server.config.load;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.config.UpstreamProxySetting;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.config.yaml.Words;

/**
 * The keys for connections to origins, under {@code upstream} and in routes.
 *
 * @param via null if not set
 * @param sendProxyHeader null if not set
 */
record EgressKeys(@Nullable UpstreamProxySetting via, @Nullable Boolean sendProxyHeader) {
  private static final Words<Boolean> HEADER =
      Words.of(List.of(false, true), sent -> sent ? "v2" : "none")
          .refusing("only version 2 is supported; write v2", "v1", "1")
          .refusing("write v2", "2", "true");

  static EgressKeys read(Section section) {
    return new EgressKeys(
        section
            .guarded(
                "via",
                UpstreamProxySetting.ALLOWED,
                UpstreamProxySetting::parse,
                UpstreamProxySetting::shown)
            .orElse(null),
        section.word("sendProxyHeader", HEADER).orElse(null));
  }

  /** Refuses the keys in a route that opens no connections. */
  static void refuse(Section section) {
    String why = "a route with 'action: deny' opens no connection; remove the key";
    section.refuse("via", why);
    section.refuse("sendProxyHeader", why);
  }
}
