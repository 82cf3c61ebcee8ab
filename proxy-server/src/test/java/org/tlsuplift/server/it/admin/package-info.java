/** The admin port: pages, metrics, inventory and OTLP export. */
@NullMarked
package org.tlsuplift.server.it.admin;

import org.jspecify.annotations.NullMarked;
