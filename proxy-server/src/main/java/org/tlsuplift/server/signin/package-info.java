/**
 * Who devices are that sign in here: by login and password, or by address. Passwords are compared
 * on threads of their own, and guessing is slowed.
 */
@NullMarked
package org.tlsuplift.server.signin;

import org.jspecify.annotations.NullMarked;
