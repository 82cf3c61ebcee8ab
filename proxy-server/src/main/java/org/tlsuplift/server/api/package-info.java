/** The API of the admin port for scripts: JSON and CSV, as {@code openapi.yaml} describes it. */
@NullMarked
package org.tlsuplift.server.api;

import org.jspecify.annotations.NullMarked;
