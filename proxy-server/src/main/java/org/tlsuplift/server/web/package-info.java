/**
 * Requests, responses and paths of the admin port, without the HTTP codec.
 *
 * <p>A {@link org.tlsuplift.server.web.Resource} gets a {@link org.tlsuplift.server.web.Request}
 * and returns a {@link org.tlsuplift.server.web.Response}. {@code pages} and {@code api} implement
 * resources; {@code admin} calls them. Start reading at {@link org.tlsuplift.server.web.Resource}.
 */
@NullMarked
package org.tlsuplift.server.web;

import org.jspecify.annotations.NullMarked;
