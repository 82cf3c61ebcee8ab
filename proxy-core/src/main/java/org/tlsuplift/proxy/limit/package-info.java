/** What bounds a device or a mailbox: rates by address, and permits for sessions and messages. */
@NullMarked
package org.tlsuplift.proxy.limit;

import org.jspecify.annotations.NullMarked;
