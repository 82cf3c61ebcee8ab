/** Tests of the configuration. */
@NullMarked
package org.tlsuplift.server.config;

import org.jspecify.annotations.NullMarked;
