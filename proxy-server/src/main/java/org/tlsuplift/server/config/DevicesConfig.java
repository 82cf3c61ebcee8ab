package org.tlsuplift.server.config;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.route.Cidr;
import org.tlsuplift.server.config.binding.Key;

/**
 * The section {@code devices}: the devices that may connect.
 *
 * @param names of devices, for the inventory
 * @param namesFile a file with more names, or null
 * @param reverseDns whether the inventory looks up other names in DNS
 */
public record DevicesConfig(
    @Key(expected = "address blocks, such as 10.0.0.0/8 or \"fc00::/7\"") List<Cidr> allow,
    @Key(
            keys = DeviceNamesReader.Address.class,
            form = DeviceNamesReader.Name.class,
            expected =
                "addresses with names of 1 to 100 printable characters, such as {10.1.2.3: printer-2nd-floor}")
        Map<InetAddress, String> names,
    @Nullable Path namesFile,
    boolean reverseDns) {
  public DevicesConfig {
    names = Map.copyOf(names);
  }
}
