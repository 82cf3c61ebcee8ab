/**
 * The rules for messages, at real mail servers: no second mail in the data of a first, refused
 * messages, repaired line ends, and replaced senders.
 */
@NullMarked
package org.tlsuplift.server.it.mail.rules;

import org.jspecify.annotations.NullMarked;
