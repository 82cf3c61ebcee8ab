package org.tlsuplift.proxy.negotiate;

import io.netty.handler.codec.http.FullHttpRequest;
import org.tlsuplift.proxy.model.HostPort;

/**
 * The event that a device fires which asks an HTTP proxy in plain HTTP: what there is to send, once
 * and for all, since nothing that comes behind is read.
 *
 * @param target where the request goes; allowed
 * @param message as it is sent there, complete; its content is on the heap and needs no release
 */
public record PlainRequest(HostPort target, FullHttpRequest message) {}
