/**
 * Workarounds for faults and gaps of Netty and netty-tcnative. Each says what is wrong, names the
 * upstream issue or has a sentence to report, and says when to delete it. It imports no other
 * package of this project. After each new version of Netty, go through this list.
 *
 * <p>Here:
 *
 * <ul>
 *   <li>{@link org.tlsuplift.proxy.netty.EpollHandlers}: lost and misdirected events of epoll
 *   <li>{@link org.tlsuplift.proxy.netty.UringHandlers}: memory, resets, number and end of io_uring
 *   <li>{@link org.tlsuplift.proxy.netty.EventLoops}: loops that end and leave channels open
 *   <li>{@link org.tlsuplift.proxy.netty.UringProbe}: whether io_uring works
 *   <li>{@link org.tlsuplift.proxy.netty.EngineWatch}, {@code EngineState}: half-close and errors
 *       of TLS
 *   <li>{@link org.tlsuplift.proxy.netty.Socks4NameCheck}: names that are not ASCII
 *   <li>{@link org.tlsuplift.proxy.netty.RandomizedQueries}: forged DNS responses
 *   <li>{@link org.tlsuplift.proxy.netty.NoSocket}: stack traces without file descriptors
 * </ul>
 *
 * <p>Some stay where they are used, because they are a few lines, or need that package:
 *
 * <ul>
 *   <li>{@code io.netty.channel.uring.UringServerSocket}, with the options in {@code
 *       accept.ListeningSocket}: IPv4 and inherited sockets of io_uring
 *   <li>{@code accept.Transport}: the accepts of epoll and io_uring
 *   <li>{@code tls.TlsContexts}: the tasks of key methods, names without a dot, the unused trust
 *       store (with {@code tls.NoDeviceCertificates})
 *   <li>{@code tls.failure.OpenSslError}, {@code upstream.dial.HappyEyeballs}, {@code
 *       upstream.dial.OriginDialer}, {@code upstream.dial.UpstreamProxyFailure}, {@code
 *       negotiate.UnreadableRequest}: facts that Netty has only in the text of a message
 *   <li>{@code relay.RelaySide}, {@code relay.AbruptClose}: the costs and limits of a close
 *   <li>{@code relay.Relay}, {@code accept.SessionRegistry}: the limit of direct memory
 *   <li>{@code upstream.dial.OriginConnection}, {@code setup.BridgeSetup}: half-close during a
 *       handshake
 *   <li>{@code upstream.dial.SystemNameServers}: public resolvers
 *   <li>{@code upstream.dial.QueryChannels}: the type of DNS channels
 *   <li>{@code negotiate.HttpNegotiator}: requests that the end of the connection cuts
 *   <li>{@code negotiate.KnownAddresses}: names of SOCKS 5 that are not ASCII
 *   <li>in the daemon, {@code server.Main}, {@code server.log.DefaultLogging} and {@code
 *       server.daemon.watch.EventLoopWatch}: settings, warnings, and ended loops
 * </ul>
 */
@NullMarked
package org.tlsuplift.proxy.netty;

import org.jspecify.annotations.NullMarked;
