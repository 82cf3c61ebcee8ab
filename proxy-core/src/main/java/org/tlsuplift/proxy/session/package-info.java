/** Plain data about a session and the contract of those who observe it: no Netty, no logger. */
@NullMarked
package org.tlsuplift.proxy.session;

import org.jspecify.annotations.NullMarked;
