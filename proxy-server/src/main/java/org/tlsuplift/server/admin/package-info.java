/** The pages for operators and machines that watch the daemon, on a port of their own. */
@NullMarked
package org.tlsuplift.server.admin;

import org.jspecify.annotations.NullMarked;
