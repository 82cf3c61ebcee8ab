@NullMarked
package org.tlsuplift.server.instances;

import org.jspecify.annotations.NullMarked;
