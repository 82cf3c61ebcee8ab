/** The commands about the endpoint list of Microsoft 365. */
@NullMarked
package org.tlsuplift.server.command.endpoints;

import org.jspecify.annotations.NullMarked;
