/**
 * The daemon and its command line, around the data path of {@code proxy-core}.
 *
 * <p>{@link org.tlsuplift.server.Main} is what the operating system starts. It runs a command of
 * {@code command}; {@code run} starts the daemon. Each package imports only packages to its right:
 *
 * <pre>
 * Main > command, demo > daemon > http.pages, http.api, doctor, readiness, authority, cluster
 *   > http, config, metrics, process, backup, notify > inventory, signin > microsoft365, log > https, background
 * </pre>
 */
@NullMarked
package org.tlsuplift.server;

import org.jspecify.annotations.NullMarked;
