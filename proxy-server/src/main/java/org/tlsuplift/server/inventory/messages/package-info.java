/**
 * The message trail: one record for each message of a device, without subject and content.
 *
 * <p>{@link org.tlsuplift.server.inventory.messages.MessageTrail} observes sessions and makes the
 * records. The access log writes them as lines, and the inventory stores them. {@link
 * org.tlsuplift.server.inventory.messages.Messages} reads them for pages, API and commands.
 */
@NullMarked
package org.tlsuplift.server.inventory.messages;

import org.jspecify.annotations.NullMarked;
