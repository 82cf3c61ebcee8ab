/**
 * Sends mail by Microsoft Graph, for tenants that have switched SMTP AUTH off.
 *
 * <p>Sources: learn.microsoft.com/graph: user-sendmail, user-post-messages, message-send,
 * message-post-attachments, attachment-createuploadsession, outlook-large-attachments,
 * outlook-send-mime-message, throttling-limits and errors (read 2026-12-01).
 */
@NullMarked
package org.tlsuplift.server.graph;

import org.jspecify.annotations.NullMarked;
