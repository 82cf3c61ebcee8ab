@NullMarked
package org.tlsuplift.server.log.syslog;

import org.jspecify.annotations.NullMarked;
