/** The command {@code tls-uplift doctor}. */
@NullMarked
package org.tlsuplift.server.command.doctor;

import org.jspecify.annotations.NullMarked;
