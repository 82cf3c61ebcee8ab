/**
 * The demonstration: an origin of TLS 1.2 only, the real daemon, and old devices, in one process on
 * loopback.
 */
@NullMarked
package org.tlsuplift.server.demo;

import org.jspecify.annotations.NullMarked;
