@NullMarked
package org.tlsuplift.server.switchoff;

import org.jspecify.annotations.NullMarked;
