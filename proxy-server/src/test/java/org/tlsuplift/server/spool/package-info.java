/** Tests of messages that wait, and a store for tests of their readers. */
@NullMarked
package org.tlsuplift.server.spool;

import org.jspecify.annotations.NullMarked;
