package org.tlsuplift.server.config.load;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.config.yaml.Words;

/** Reads how devices are redirected to a transparent listener. */
final class TransparentReader {
  private static final Words<ListenerConfig.Transparent> RULE =
      Words.of(ListenerConfig.Transparent.values());

  private TransparentReader() {}

  /** The rule, or null where no device is redirected. */
  static ListenerConfig.@Nullable Transparent read(Section listener, ListenerConfig.Accept accept) {
    if (accept != ListenerConfig.Accept.TRANSPARENT) {
      if (listener.clean("accept")) {
        listener.refuse("transparent", "devices are redirected to 'accept: transparent' only");
      }
      return null;
    }
    listener.refuse(
        "proxyProtocol",
        "whoever sends PROXY headers was not redirected but connects to this proxy; give it a"
            + " listener of its own");
    return listener.word("transparent", RULE).orElse(ListenerConfig.Transparent.REDIRECT);
  }
}
