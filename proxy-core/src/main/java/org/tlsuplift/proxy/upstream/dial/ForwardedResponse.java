package org.tlsuplift.proxy.upstream.dial;

import io.netty.handler.codec.http.HttpResponse;

/**
 * An origin's response to a plain HTTP request.
 *
 * @param head the head for the device
 * @param origin the connection on which the content follows as bytes, until the origin ends it
 */
public record ForwardedResponse(HttpResponse head, OriginConnection origin) {}
