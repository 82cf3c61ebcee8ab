package org.tlsuplift.proxy.upstream.dial;

import io.netty.handler.codec.http.HttpResponse;

/**
 * What an origin answers to a request in plain HTTP.
 *
 * @param head as it goes to the device
 * @param origin the content follows there, as bytes, until the origin ends the connection
 */
public record ForwardedResponse(HttpResponse head, OriginConnection origin) {}
