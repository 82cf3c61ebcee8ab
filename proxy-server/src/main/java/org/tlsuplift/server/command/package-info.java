/**
 * The command line: one class per command, and one place where failures become a line and an exit
 * code.
 */
@NullMarked
package org.tlsuplift.server.command;

import org.jspecify.annotations.NullMarked;
