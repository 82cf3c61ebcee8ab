package org.tlsuplift.proxy.negotiate;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The event of a PROXY header: the bytes after it come from this device.
 *
 * @param device the device's address, or null if the sender of the header is the device
 * @param destination the address that the device connected to, or null likewise
 */
public record ProxyHeader(
    @Nullable InetSocketAddress device, @Nullable InetSocketAddress destination) {
  static final ProxyHeader OF_SENDER = new ProxyHeader(null, null);
}
