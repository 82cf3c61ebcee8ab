/**
 * Checks a configuration beyond its form: files that are named, values that must fit together.
 *
 * <p>A configuration enters; problems leave, each with its key and remedy. Called by {@code
 * config}. Start reading at {@code ConfigValidator}.
 */
@NullMarked
package org.tlsuplift.server.config.check;

import org.jspecify.annotations.NullMarked;
