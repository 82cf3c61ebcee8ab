/**
 * The data path of a device's connection, from accept to close. The packages follow this path, and
 * each imports only packages below its own:
 *
 * <pre>
 * {@link org.tlsuplift.proxy.accept}     binds ports, admits or refuses devices, lays out the pipeline
 * {@link org.tlsuplift.proxy.session}    the states of one device's connection, from negotiation to close
 * {@link org.tlsuplift.proxy.setup}      prepares both sides after the route decision
 * {@link org.tlsuplift.proxy.context}    what session and setup share: spec, services, report, log, timers
 * {@link org.tlsuplift.proxy.upstream}   dials origins, verifies them, enforces TLS 1.2 as the minimum
 * {@link org.tlsuplift.proxy.route} │ {@link org.tlsuplift.proxy.signin} │ {@link org.tlsuplift.proxy.ca}
 * {@link org.tlsuplift.proxy.negotiate} │ {@link org.tlsuplift.proxy.tls} │ {@link org.tlsuplift.proxy.relay} │ {@link org.tlsuplift.proxy.mail}
 * {@link org.tlsuplift.proxy.model}      plain data, what limits devices, and the observers' contract
 * {@link org.tlsuplift.proxy.outcome}    everything that can happen, with title, remedy and alert
 * </pre>
 *
 * A connection starts in one of these ways:
 *
 * <ul>
 *   <li>HTTP CONNECT and SOCKS: {@link org.tlsuplift.proxy.negotiate.AcceptMode} reads the target,
 *       then the device sends its ClientHello.
 *   <li>A plain HTTP request: {@link org.tlsuplift.proxy.negotiate.HttpForwardNegotiator} reads it,
 *       then {@code setup.ForwardSetup} forwards it.
 *   <li>A fixed or transparent port: the target is configured, or read from the socket.
 *   <li>Mail with STARTTLS: {@code session.StartTlsConversation} runs, then the device sends its
 *       ClientHello. With implicit TLS the ClientHello comes first.
 * </ul>
 *
 * After the ClientHello {@code session.Routing} asks {@link org.tlsuplift.proxy.route.RouteTable}
 * for one decision: bridge, tunnel or deny. {@code setup} prepares both sides. {@link
 * org.tlsuplift.proxy.relay.Relay} carries bytes until the session closes with one {@link
 * org.tlsuplift.proxy.outcome.CloseReason}. Start reading at {@link org.tlsuplift.proxy.Proxy}.
 */
@NullMarked
package org.tlsuplift.proxy;

import org.jspecify.annotations.NullMarked;
