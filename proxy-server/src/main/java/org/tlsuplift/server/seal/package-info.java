/** Keys that encrypt at rest: the tokens of users, what instances share, and mail that waits. */
@NullMarked
package org.tlsuplift.server.seal;

import org.jspecify.annotations.NullMarked;
