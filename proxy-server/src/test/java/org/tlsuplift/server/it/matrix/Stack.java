package org.tlsuplift.server.it.matrix;

import java.util.function.Function;
import org.tlsuplift.server.it.device.Device;
import org.tlsuplift.server.it.device.Offer;

/**
 * A TLS stack that can be told exactly what to offer.
 *
 * @param name as the table says it
 * @param devices makes the device that offers this and nothing else
 */
record Stack(String name, Function<Offer, Device> devices) {
  Device device(Offer offer) {
    return devices.apply(offer);
  }
}
