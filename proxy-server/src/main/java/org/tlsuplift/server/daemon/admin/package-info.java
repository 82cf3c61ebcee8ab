/** The admin server's certificate, users and pages, from the configuration. */
@NullMarked
package org.tlsuplift.server.daemon.admin;

import org.jspecify.annotations.NullMarked;
