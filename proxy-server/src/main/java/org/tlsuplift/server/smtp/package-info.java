/** SMTP commands that the program itself sends to a mail server. */
@NullMarked
package org.tlsuplift.server.smtp;

import org.jspecify.annotations.NullMarked;
