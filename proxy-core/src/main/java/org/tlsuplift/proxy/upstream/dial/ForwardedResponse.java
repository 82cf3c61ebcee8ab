package org.tlsuplift.proxy.upstream.dial;

import io.netty.handler.codec.http.HttpResponse;

/**
 * An origin's response to a plain HTTP request.
 *
 * @param head the response head, rewritten for the device
 * @param origin the connection; the body follows as raw bytes until the origin closes it
 */
public record ForwardedResponse(HttpResponse head, OriginConnection origin) {}
