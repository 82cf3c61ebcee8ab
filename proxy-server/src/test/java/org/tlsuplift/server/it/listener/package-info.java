/** The ways in: HTTP CONNECT, SOCKS, plain HTTP, transparent listeners and PROXY headers. */
@NullMarked
package org.tlsuplift.server.it.listener;

import org.jspecify.annotations.NullMarked;
