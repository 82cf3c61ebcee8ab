package org.tlsuplift.proxy.negotiate;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The event of a PROXY header: what follows comes from this device.
 *
 * @param device where the device connected from, or null if the sender speaks for itself
 * @param destination where it connected to, or null likewise
 */
public record ProxyHeader(
    @Nullable InetSocketAddress device, @Nullable InetSocketAddress destination) {
  static final ProxyHeader OF_SENDER = new ProxyHeader(null, null);
}
