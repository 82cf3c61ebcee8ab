/**
 * The daemon and its command line, around the data path of {@code proxy-core}.
 *
 * <p>{@link org.tlsuplift.server.Main} is what the operating system starts. It runs a command of
 * {@code command}; {@code run} starts the daemon. Each package imports only packages of the lines
 * below its own; {@code ArchitectureTest} checks this.
 *
 * <pre>
 * command
 * demo
 * daemon
 * http.pages, http.api
 * init, backup
 * authority, doctor, mapping
 * config, graph
 * cluster, log, readiness, spool
 * http, inventory, notify
 * audit, microsoft365, signin
 * background, https, json, mail, manual, metrics, process
 * </pre>
 */
@NullMarked
package org.tlsuplift.server;

import org.jspecify.annotations.NullMarked;
