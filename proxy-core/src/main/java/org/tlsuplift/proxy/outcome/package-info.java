/**
 * The catalogue of everything that can happen: each value has its label, side, level, title, remedy
 * and alert. Log, pages, {@code doctor}, metrics, notifications, alert rules and the manual's
 * tables follow from it. What an operator can correct at a start, a reload or a command is an
 * {@link org.tlsuplift.proxy.outcome.OperatorException}. It imports no other package.
 */
@NullMarked
package org.tlsuplift.proxy.outcome;

import org.jspecify.annotations.NullMarked;
