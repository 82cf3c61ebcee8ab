package org.tlsuplift.proxy.negotiate;

import io.netty.handler.codec.http.FullHttpRequest;
import org.tlsuplift.proxy.model.HostPort;

/**
 * The event of a request in plain HTTP: complete, because nothing after it is read.
 *
 * @param target where the request goes; allowed
 * @param message for the origin, complete; its content is on the heap and needs no release
 */
public record PlainRequest(HostPort target, FullHttpRequest message) {}
