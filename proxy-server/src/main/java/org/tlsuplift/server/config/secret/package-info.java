/**
 * The files with secrets that the configuration names: keys, certificates, passwords and headers.
 *
 * <p>The configuration's checks read them once. The running daemon reads them again when it needs
 * them, or when they change.
 */
@NullMarked
package org.tlsuplift.server.config.secret;

import org.jspecify.annotations.NullMarked;
