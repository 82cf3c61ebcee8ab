package org.tlsuplift.server.signin.token;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.signin.AccessToken;

/** The tokens of users in a {@link TokenStore}, for one instance. */
public final class LocalUserTokens implements UserTokens {
  private final TokenStore store;

  public LocalUserTokens(TokenStore store) {
    this.store = store;
  }

  @Override
  public String stamp(String mailbox) {
    return store.stamp(mailbox);
  }

  @Override
  public boolean isSignedIn(String mailbox) {
    return store.has(mailbox);
  }

  public Optional<String> read(String mailbox) {
    return store.read(mailbox);
  }

  /** Deletes the tokens of a mailbox, if there are any. */
  public void delete(String mailbox) {
    store.delete(mailbox);
  }

  @Override
  public Optional<Taken> take(String mailbox) {
    return Optional.of(new TakenFile(mailbox));
  }

  @Override
  public void check() {}

  @Override
  public void replace(String mailbox, String cache) {
    store.write(mailbox, cache);
  }

  private final class TakenFile implements Taken {
    private final String mailbox;

    TakenFile(String mailbox) {
      this.mailbox = mailbox;
    }

    @Override
    public Optional<String> cache() {
      return store.read(mailbox);
    }

    @Override
    public @Nullable AccessToken token() {
      return null;
    }

    @Override
    public String version() {
      return store.stamp(mailbox);
    }

    @Override
    public void write(String cache, @Nullable AccessToken token) {
      store.write(mailbox, cache);
    }

    @Override
    public void close() {}
  }
}
