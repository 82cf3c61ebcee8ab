/**
 * Sign-in in each mail protocol: devices sign in to this proxy with name and password, and this
 * proxy signs in to origins with XOAUTH2.
 *
 * <p>The input is lines; the result is a credential or the origin's verdict. No code here connects
 * or waits. {@code setup} uses this package. Start reading at {@code SignInDialogue}.
 */
@NullMarked
package org.tlsuplift.proxy.signin.dialogue;

import org.jspecify.annotations.NullMarked;
