@NullMarked
package org.tlsuplift.server.spool;

import org.jspecify.annotations.NullMarked;
