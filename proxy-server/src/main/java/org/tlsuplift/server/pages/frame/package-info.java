/**
 * What all pages share: the frame with the navigation, and the address by which the reader came.
 *
 * <p>Called by every page of {@link org.tlsuplift.server.pages}. Start reading at {@link
 * org.tlsuplift.server.pages.frame.PageFrame}.
 */
@NullMarked
package org.tlsuplift.server.pages.frame;

import org.jspecify.annotations.NullMarked;
