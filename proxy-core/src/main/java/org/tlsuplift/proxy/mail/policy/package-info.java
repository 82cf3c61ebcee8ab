/**
 * The operator's rules for messages, and the counts of each device.
 *
 * <p>Plain data and counters; {@code mail.guard} applies them. Start reading at {@code MailPolicy}.
 */
@NullMarked
package org.tlsuplift.proxy.mail.policy;

import org.jspecify.annotations.NullMarked;
