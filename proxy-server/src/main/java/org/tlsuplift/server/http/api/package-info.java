/**
 * The API of the admin port for scripts: JSON and CSV, as {@code openapi.yaml} describes it.
 *
 * <p>Requests enter; devices, sessions and the overview leave. Lists of devices are written while
 * they are read. The daemon adds it to the admin port. Start reading at {@link
 * org.tlsuplift.server.http.api.Api}.
 */
@NullMarked
package org.tlsuplift.server.http.api;

import org.jspecify.annotations.NullMarked;
