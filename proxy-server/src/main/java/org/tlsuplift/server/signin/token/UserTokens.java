package org.tlsuplift.server.signin.token;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.signin.AccessToken;

/**
 * Where the tokens of users are kept between requests: a cache of the library for each mailbox.
 * Mailboxes are in lower case. Thread-safe; all methods block, so never call them on an event loop.
 */
public interface UserTokens {
  /** A text that changes if the tokens of a mailbox change, after some seconds. Never throws. */
  String stamp(String mailbox);

  boolean isSignedIn(String mailbox) throws TokenStoreException;

  /**
   * Takes the tokens of a mailbox for one request to the identity platform, because a refresh token
   * may be valid once only.
   *
   * @return empty while another instance has them
   */
  Optional<Taken> take(String mailbox) throws TokenStoreException;

  /**
   * Checks that {@link #replace} can succeed.
   *
   * @throws TokenStoreException with the remedy
   */
  void check() throws TokenStoreException;

  /** Replaces the tokens of a mailbox after a user has signed in. */
  void replace(String mailbox, String cache) throws TokenStoreException;

  /** The tokens of a mailbox. Only this instance has them until they are given back. */
  interface Taken extends AutoCloseable {
    /** The library's cache; empty if no user has signed in. */
    Optional<String> cache();

    /** The access token of the latest request of any instance; null if it is not known. */
    default @Nullable AccessToken token() {
      return null;
    }

    /** Changes with each write, also of others. */
    String version();

    /**
     * Keeps new tokens. Never throws: what cannot be written is written later, or logged.
     *
     * @param token null if it is not known
     */
    void write(String cache, @Nullable AccessToken token);

    /** Gives the tokens back. */
    @Override
    default void close() {}
  }
}
