/** Tests of the binding of the configuration. */
@NullMarked
package org.tlsuplift.server.config.binding;

import org.jspecify.annotations.NullMarked;
