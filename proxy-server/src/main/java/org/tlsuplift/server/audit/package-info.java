/**
 * Who changes what: the records of the audit log.
 *
 * <p>The admin port and commands append records to {@link org.tlsuplift.server.audit.AuditJournal};
 * the daemon passes them on to the access log and the inventory's database. Start reading at {@link
 * org.tlsuplift.server.audit.AuditRecord}.
 */
@NullMarked
package org.tlsuplift.server.audit;

import org.jspecify.annotations.NullMarked;
