/** Tests of the binding of the configuration. */
@NullMarked
package org.tlsuplift.server.config.yaml;

import org.jspecify.annotations.NullMarked;
