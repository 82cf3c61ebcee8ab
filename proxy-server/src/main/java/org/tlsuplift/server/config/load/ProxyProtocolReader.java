package org.tlsuplift.server.config.load;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.config.ListenerConfig;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.config.yaml.Words;

/** Reads who sends PROXY headers to a listener. */
final class ProxyProtocolReader {
  private static final Words<ListenerConfig.ProxyHeader> HEADER =
      Words.of(ListenerConfig.ProxyHeader.values())
          .refusing(
              "give devices that send none a listener of their own; without a header, leave"
                  + " 'proxyProtocol' out",
              "optional",
              "allowed",
              "none",
              "off");
  private static final String FROM = "address blocks of load balancers, such as 192.168.1.2";

  private ProxyProtocolReader() {}

  /** The section, or null when it is not there. */
  static ListenerConfig.@Nullable ProxyProtocol read(Section listener) {
    Section section = listener.section("proxyProtocol");
    if (!listener.has("proxyProtocol")) {
      return null;
    }
    ListenerConfig.ProxyHeader accept =
        section.requiredWord("accept", HEADER).orElse(ListenerConfig.ProxyHeader.REQUIRED);
    if (!section.has("from")) {
      section.missing("from", FROM, "whoever sends a header can say that he is any device");
    }
    List<Cidr> from = section.list("from", FROM, Cidr::parse);
    section.end();
    return new ListenerConfig.ProxyProtocol(accept, from);
  }
}
