/**
 * Signs devices in: who they are, when it is their mailbox's turn, with which token, and what the
 * origin says to that.
 */
@NullMarked
package org.tlsuplift.proxy.listener.signin;

import org.jspecify.annotations.NullMarked;
