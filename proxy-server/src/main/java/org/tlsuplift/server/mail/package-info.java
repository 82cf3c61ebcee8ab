/**
 * Mail that the program sends: the ways in which it leaves, and connections to mail servers, also
 * for checks. Blocks.
 */
@NullMarked
package org.tlsuplift.server.mail;

import org.jspecify.annotations.NullMarked;
