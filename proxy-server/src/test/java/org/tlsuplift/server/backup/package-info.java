@NullMarked
package org.tlsuplift.server.backup;

import org.jspecify.annotations.NullMarked;
