/** What scripts ask the admin port: JSON and CSV, as {@code openapi.yaml} describes it. */
@NullMarked
package org.tlsuplift.server.api;

import org.jspecify.annotations.NullMarked;
