package org.tlsuplift.server.config.load;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.config.UpstreamProxySetting;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.config.yaml.Words;

/**
 * The keys that say how connections to origins leave: under {@code upstream}, and in a route.
 *
 * @param via through which proxy, or null if nothing is said
 * @param sendProxyHeader whether they begin with a PROXY header, or null if nothing is said
 */
record EgressKeys(@Nullable UpstreamProxySetting via, @Nullable Boolean sendProxyHeader) {
  private static final Words<Boolean> HEADER =
      Words.of(List.of(false, true), sent -> sent ? "v2" : "none")
          .refusing("only version 2 is sent: write v2", "v1", "1")
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

  /** Reports the keys where nothing leaves. */
  static void refuse(Section section) {
    String why = "a route with 'action: deny' lets nothing out";
    section.refuse("via", why);
    section.refuse("sendProxyHeader", why);
  }
}
