/**
 * The manual: Markdown pages and the files that they link to, all of them in the jar.
 *
 * <p>The pages are in {@code src/main/manual}. Start reading at {@link
 * org.tlsuplift.server.manual.Manual}.
 */
@NullMarked
package org.tlsuplift.server.manual;

import org.jspecify.annotations.NullMarked;
