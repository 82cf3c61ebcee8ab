package org.tlsuplift.proxy.upstream.dial;

import io.netty.handler.codec.http.HttpResponse;

/**
 * An origin's response to a request in plain HTTP.
 *
 * @param head for the device
 * @param origin where the content follows, as bytes, until the origin ends the connection
 */
public record ForwardedResponse(HttpResponse head, OriginConnection origin) {}
