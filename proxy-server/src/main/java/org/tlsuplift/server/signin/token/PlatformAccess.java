package org.tlsuplift.server.signin.token;

import com.microsoft.aad.msal4j.AbstractClientApplicationBase;
import com.microsoft.aad.msal4j.IAuthenticationResult;
import com.microsoft.aad.msal4j.IHttpClient;
import java.net.MalformedURLException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import org.tlsuplift.proxy.signin.AccessToken;

/**
 * What all requests to the identity platform share.
 *
 * @param http sends them
 * @param threads wait for the answers
 */
record PlatformAccess(IHttpClient http, ExecutorService threads) {
  /**
   * Makes a library's application one of ours. Which clouds there are is not asked for, because it
   * is configured; a request is not repeated, because how long to wait is decided here; and nothing
   * that is personal is logged.
   */
  void prepare(AbstractClientApplicationBase.Builder<?> builder, String authority)
      throws MalformedURLException {
    builder
        .authority(authority)
        .instanceDiscovery(false)
        .logPii(false)
        .httpClient(http)
        .executorService(threads);
    builder.disableInternalRetries();
  }

  /** Fails where there is none: the library does not. */
  static AccessToken token(IAuthenticationResult result) {
    if (result.accessToken() == null || result.accessToken().isBlank()) {
      throw new CompletionException(
          new PlatformUnreachableException("it answers 200 without a token"));
    }
    return new AccessToken(result.accessToken(), result.expiresOnDate().toInstant());
  }
}
