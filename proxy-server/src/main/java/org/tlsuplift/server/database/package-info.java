/**
 * The databases of the daemon: SQLite files, and PostgreSQL servers that several daemons may share.
 *
 * <p>{@link org.tlsuplift.server.database.Database} has the connections, runs {@link
 * org.tlsuplift.server.database.Sql} and migrates each {@link
 * org.tlsuplift.server.database.Schema}. Its methods block; event loops never call them.
 */
@NullMarked
package org.tlsuplift.server.database;

import org.jspecify.annotations.NullMarked;
