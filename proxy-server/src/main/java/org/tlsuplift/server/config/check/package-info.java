/**
 * Checks that need more than one key: files, and values that must match.
 *
 * <p>A configuration enters; problems leave, each with its key and remedy. Called by {@code
 * config}. Start reading at {@code ConfigValidator}.
 */
@NullMarked
package org.tlsuplift.server.config.check;

import org.jspecify.annotations.NullMarked;
