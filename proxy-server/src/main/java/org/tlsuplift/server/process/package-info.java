/** What the process needs from its machine: data directory, file limit and service manager. */
@NullMarked
package org.tlsuplift.server.process;

import org.jspecify.annotations.NullMarked;
