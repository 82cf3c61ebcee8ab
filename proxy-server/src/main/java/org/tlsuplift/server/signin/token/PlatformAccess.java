package org.tlsuplift.server.signin.token;

import com.microsoft.aad.msal4j.AbstractClientApplicationBase;
import com.microsoft.aad.msal4j.IAuthenticationResult;
import com.microsoft.aad.msal4j.IHttpClient;
import com.microsoft.aad.msal4j.PublicClientApplication;
import java.net.MalformedURLException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import org.tlsuplift.proxy.signin.AccessToken;

/**
 * What all requests to the identity platform share.
 *
 * @param threads that wait for responses
 */
record PlatformAccess(IHttpClient http, ExecutorService threads) {
  /**
   * Configures the library. It discovers no clouds, because the cloud is configured; it repeats no
   * request, because this program decides about retries; and it logs no personal data.
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

  /** Starts to build an application without a secret. */
  PublicClientApplication.Builder publicClient(TokenAuthority of) throws MalformedURLException {
    PublicClientApplication.Builder builder = PublicClientApplication.builder(of.applicationId());
    prepare(builder, of.authority());
    return builder;
  }

  /** Fails without a token; the library does not. */
  static AccessToken token(IAuthenticationResult result) {
    if (result.accessToken() == null || result.accessToken().isBlank()) {
      throw new CompletionException(new PlatformUnreachableException("status 200 without a token"));
    }
    return new AccessToken(result.accessToken(), result.expiresOnDate().toInstant());
  }
}
