/** The program: what the operating system starts, stops and gets the exit code from. */
@NullMarked
package org.tlsuplift.server;

import org.jspecify.annotations.NullMarked;
