/** Tests of messages that wait, and stores in memory for tests. */
@NullMarked
package org.tlsuplift.server.spool;

import org.jspecify.annotations.NullMarked;
