/** What the process needs from its machine: data directory, file limit and service manager. */
@NullMarked
package org.tlsuplift.server.daemon.process;

import org.jspecify.annotations.NullMarked;
