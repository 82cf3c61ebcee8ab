/**
 * The shell of the commands: their output, their option {@code --config} and their audit records.
 * Stands below all features that have commands.
 */
@NullMarked
package org.tlsuplift.server.terminal;

import org.jspecify.annotations.NullMarked;
