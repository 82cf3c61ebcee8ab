package org.tlsuplift.server.signin.token;

import com.microsoft.aad.msal4j.IAccount;
import com.microsoft.aad.msal4j.PublicClientApplication;
import com.microsoft.aad.msal4j.SilentParameters;
import java.net.MalformedURLException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.tlsuplift.proxy.signin.AccessToken;

/** A user has signed in for a mailbox in a browser; this uses the refresh token. */
final class MailboxGrant implements TokenGrant {
  private final TokenAuthority tokenAuthority;
  private final PlatformAccess platform;
  private final StoredCache cache;

  MailboxGrant(TokenAuthority tokenAuthority, PlatformAccess platform, StoredCache cache) {
    this.tokenAuthority = tokenAuthority;
    this.platform = platform;
    this.cache = cache;
  }

  @Override
  public CompletableFuture<AccessToken> ask(boolean fresh) {
    try {
      PublicClientApplication.Builder builder =
          PublicClientApplication.builder(tokenAuthority.applicationId());
      platform.prepare(builder, tokenAuthority.authority());
      builder.setTokenCacheAccessAspect(cache);
      PublicClientApplication application = builder.build();
      return application
          .getAccounts()
          .thenCompose(
              accounts ->
                  accounts.isEmpty()
                      ? CompletableFuture.failedFuture(new NotSignedInException())
                      : silently(application, accounts.iterator().next(), fresh));
    } catch (MalformedURLException | RuntimeException unusable) {
      return CompletableFuture.failedFuture(unusable);
    }
  }

  @Override
  public boolean ofOneMailbox() {
    return true;
  }

  @Override
  public Object basis() {
    return cache.stamp();
  }

  private CompletableFuture<AccessToken> silently(
      PublicClientApplication application, IAccount account, boolean fresh) {
    try {
      return application
          .acquireTokenSilently(
              SilentParameters.builder(Set.copyOf(tokenAuthority.scopes()), account)
                  .forceRefresh(fresh)
                  .build())
          .thenApply(PlatformAccess::token);
    } catch (MalformedURLException unusable) {
      return CompletableFuture.failedFuture(unusable);
    }
  }
}
