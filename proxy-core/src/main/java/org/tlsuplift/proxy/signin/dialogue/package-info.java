/**
 * Sign-in as each mail protocol does it: devices to this proxy by name and password, this proxy to
 * origins by XOAUTH2.
 *
 * <p>Lines enter; a credential, or the origin's verdict, leaves. Nothing here connects or waits.
 * Called by {@code setup.signin}. Start reading at {@code SignInDialogue}.
 */
@NullMarked
package org.tlsuplift.proxy.signin.dialogue;

import org.jspecify.annotations.NullMarked;
