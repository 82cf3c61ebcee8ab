@NullMarked
package org.tlsuplift.server.audit;

import org.jspecify.annotations.NullMarked;
