@NullMarked
package org.tlsuplift.server.cluster;

import org.jspecify.annotations.NullMarked;
