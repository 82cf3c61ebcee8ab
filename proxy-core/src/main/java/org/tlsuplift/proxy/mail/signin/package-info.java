/**
 * Signing in, in the words of each mail protocol: devices to this proxy by name and password, this
 * proxy to origins by XOAUTH2.
 */
@NullMarked
package org.tlsuplift.proxy.mail.signin;

import org.jspecify.annotations.NullMarked;
