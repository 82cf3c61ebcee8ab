package org.tlsuplift.proxy.signin.dialogue;

import org.tlsuplift.proxy.signin.Credential;

/** Is told what a device says until it has signed in; called on the channel's event loop. */
public interface SignInCallbacks {
  /** The device said a line of which nothing more is to be told; it has been answered. */
  void onAnswered();

  /** The device said who it is, by HELO or EHLO; it has been answered. */
  void onIntroduced(String line);

  /** The device signs in, and waits for {@link SignInDialogue#accept} or {@code refuse}. */
  void onCredential(Credential credential);

  /** The device goes on without signing in, and waits for the same. */
  void onUnasked();

  /** The device took its leave, and has been answered. */
  void onLeft();

  void onGone();

  /** What the device says is out of bounds. */
  void onBroken(String why);
}
