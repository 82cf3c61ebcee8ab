package org.tlsuplift.server.it;

import java.util.function.Function;

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
