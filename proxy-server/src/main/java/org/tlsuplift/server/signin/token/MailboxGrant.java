package org.tlsuplift.server.signin.token;

import com.microsoft.aad.msal4j.IAccount;
import com.microsoft.aad.msal4j.PublicClientApplication;
import com.microsoft.aad.msal4j.SilentParameters;
import java.net.MalformedURLException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.tlsuplift.proxy.signin.AccessToken;

/** Somebody has signed in for a mailbox in a browser; from then on its refresh token is used. */
final class MailboxGrant implements TokenGrant {
  private final Tenancy tenancy;
  private final PlatformAccess platform;
  private final StoredCache cache;

  MailboxGrant(Tenancy tenancy, PlatformAccess platform, StoredCache cache) {
    this.tenancy = tenancy;
    this.platform = platform;
    this.cache = cache;
  }

  @Override
  public CompletableFuture<AccessToken> ask(boolean fresh) {
    try {
      PublicClientApplication.Builder builder =
          PublicClientApplication.builder(tenancy.applicationId());
      platform.prepare(builder, tenancy.authority());
      builder.setTokenCacheAccessAspect(cache);
      PublicClientApplication application = builder.build();
      return application
          .getAccounts()
          .thenCompose(
              accounts ->
                  accounts.isEmpty()
                      ? CompletableFuture.failedFuture(new NobodySignedInException())
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
              SilentParameters.builder(Set.copyOf(tenancy.scopes()), account)
                  .forceRefresh(fresh)
                  .build())
          .thenApply(PlatformAccess::token);
    } catch (MalformedURLException unusable) {
      return CompletableFuture.failedFuture(unusable);
    }
  }
}
