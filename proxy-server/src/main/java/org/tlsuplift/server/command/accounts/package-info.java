/** The commands {@code tls-uplift accounts ...}. */
@NullMarked
package org.tlsuplift.server.command.accounts;

import org.jspecify.annotations.NullMarked;
