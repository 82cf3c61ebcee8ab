/**
 * Warns about configurations that are valid but probably wrong.
 *
 * <p>A valid configuration enters; warnings leave, each in one line. Called at start and by {@code
 * check}. Start reading at {@code ConfigWarnings}.
 */
@NullMarked
package org.tlsuplift.server.config.warn;

import org.jspecify.annotations.NullMarked;
