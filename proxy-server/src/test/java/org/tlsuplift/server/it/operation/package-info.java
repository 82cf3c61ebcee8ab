/** The daemon over its life: start, stop, full disks, limits, logs and several instances. */
@NullMarked
package org.tlsuplift.server.it.operation;

import org.jspecify.annotations.NullMarked;
