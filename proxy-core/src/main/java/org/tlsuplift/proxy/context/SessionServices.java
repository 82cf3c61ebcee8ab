package org.tlsuplift.proxy.context;

import org.tlsuplift.proxy.model.ProxyObserver;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.proxy.signin.LearntCapabilities;
import org.tlsuplift.proxy.tls.TlsContexts;
import org.tlsuplift.proxy.upstream.UpstreamConnector;

/**
 * All that sessions share.
 *
 * @param limits how much and how long
 * @param handshakes how often a device may begin TLS with us
 * @param admission where devices may come from
 * @param routes where they may go
 * @param certificates what they are shown
 * @param contexts TLS on both sides
 * @param upstream reaches origins
 * @param learntCapabilities what origins of mail could do
 * @param observer is told about every session
 */
public record SessionServices(
    Limits limits,
    HandshakeLimiter handshakes,
    DeviceAdmission admission,
    RouteTable routes,
    CertificateSources certificates,
    TlsContexts contexts,
    UpstreamConnector upstream,
    LearntCapabilities learntCapabilities,
    ProxyObserver observer) {}
