/**
 * Words for people: verdicts, problems and needs with their remedies, numbers and times.
 *
 * <p>Values of the inventory enter; short texts leave. Called by the readers of the pages. Start
 * reading at {@link org.tlsuplift.server.pages.text.ProblemText}.
 */
@NullMarked
package org.tlsuplift.server.pages.text;

import org.jspecify.annotations.NullMarked;
