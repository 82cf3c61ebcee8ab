/** Opens what records sessions: metrics, access logs and inventory. */
@NullMarked
package org.tlsuplift.server.daemon.records;

import org.jspecify.annotations.NullMarked;
