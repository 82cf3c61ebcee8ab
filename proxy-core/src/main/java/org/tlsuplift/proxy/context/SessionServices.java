package org.tlsuplift.proxy.context;

import org.tlsuplift.proxy.model.ProxyObserver;
import org.tlsuplift.proxy.route.RouteTable;
import org.tlsuplift.proxy.signin.LearntCapabilities;
import org.tlsuplift.proxy.tls.TlsContexts;
import org.tlsuplift.proxy.upstream.UpstreamConnector;

/**
 * The services that all sessions of one configuration share. All are thread-safe.
 *
 * @param limits the limits on devices, and the timeouts
 * @param handshakes limits the TLS handshakes of each device
 * @param mailQuotas counts the messages of each device
 * @param admission the subnets from which devices may connect
 * @param routes the targets that devices may reach
 * @param certificates the certificates for devices
 * @param contexts the TLS contexts of both sides
 * @param upstream connects to origins
 * @param learntCapabilities the latest capabilities of each mail origin
 * @param ecRefusals the devices that get no leaf with an EC key
 * @param observer observes every session
 */
public record SessionServices(
    Limits limits,
    HandshakeLimiter handshakes,
    MailQuotas mailQuotas,
    DeviceAdmission admission,
    RouteTable routes,
    CertificateSources certificates,
    TlsContexts contexts,
    UpstreamConnector upstream,
    LearntCapabilities learntCapabilities,
    EcRefusals ecRefusals,
    ProxyObserver observer) {}
