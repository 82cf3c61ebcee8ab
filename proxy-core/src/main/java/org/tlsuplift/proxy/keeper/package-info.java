/**
 * Keeps mailboxes within their origin's limits: lines for sessions and for messages, shared by all
 * listeners and event loops.
 */
@NullMarked
package org.tlsuplift.proxy.keeper;

import org.jspecify.annotations.NullMarked;
