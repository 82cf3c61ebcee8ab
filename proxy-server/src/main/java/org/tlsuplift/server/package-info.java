/**
 * The daemon and its command line, around the data path of {@code proxy-core}.
 *
 * <p>{@link org.tlsuplift.server.Main} is what the operating system starts. It runs a command of
 * {@code command}; {@code run} starts the daemon. Each package imports only packages to its right:
 *
 * <pre>
 * Main > command, demo > daemon > admin, pages, api, doctor, insight
 *   > config, metrics, inventory, signin, accesslog, sessions, web > microsoft365 > https, json, log
 * </pre>
 */
@NullMarked
package org.tlsuplift.server;

import org.jspecify.annotations.NullMarked;
