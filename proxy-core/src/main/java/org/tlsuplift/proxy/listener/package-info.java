/** Accepts devices and runs their sessions. */
@NullMarked
package org.tlsuplift.proxy.listener;

import org.jspecify.annotations.NullMarked;
