@NullMarked
package org.tlsuplift.server.seal;

import org.jspecify.annotations.NullMarked;
