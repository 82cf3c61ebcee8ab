package org.tlsuplift.server.microsoft365;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.proxy.route.HostPattern;
import org.tlsuplift.proxy.route.Ports;

/**
 * An endpoint set of a list.
 *
 * @param id never changes within a cloud
 * @param area Exchange, SharePoint, Skype (Microsoft Teams) or Common
 * @param required whether Microsoft requires it for the service
 * @param names exact names and patterns
 * @param blocks of addresses; Microsoft gives the addresses of the names, or one of the two alone
 * @param tcp the TCP ports, or null for UDP only
 */
public record EndpointEntry(
    int id,
    String area,
    boolean required,
    List<HostPattern> names,
    List<Cidr> blocks,
    @Nullable Ports tcp) {
  public EndpointEntry {
    names = List.copyOf(names);
    blocks = List.copyOf(blocks);
  }
}
