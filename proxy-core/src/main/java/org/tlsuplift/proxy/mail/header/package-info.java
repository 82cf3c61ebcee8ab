/**
 * Rewrites the sender in the header of a message, while the body passes.
 *
 * <p>The input is the data of a message in pieces, with its dots and line ends; the output is the
 * same with another sender. Start reading at {@code HeaderBlock}.
 */
@NullMarked
package org.tlsuplift.proxy.mail.header;

import org.jspecify.annotations.NullMarked;
