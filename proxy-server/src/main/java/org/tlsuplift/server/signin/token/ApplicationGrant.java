package org.tlsuplift.server.signin.token;

import com.microsoft.aad.msal4j.ClientCredentialFactory;
import com.microsoft.aad.msal4j.ClientCredentialParameters;
import com.microsoft.aad.msal4j.ConfidentialClientApplication;
import com.microsoft.aad.msal4j.IClientCredential;
import com.microsoft.aad.msal4j.MsalServiceException;
import java.net.MalformedURLException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.outcome.PlatformRefusal;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.proxy.signin.TokenResult;

/** The application signs in by itself (RFC 6749 section 4.4): one token for all its mailboxes. */
record ApplicationGrant(
    TokenAuthority tokenAuthority,
    CredentialSource proofs,
    PlatformAccess platform,
    StoredToken kept)
    implements TokenGrant {
  private static final Logger log = LoggerFactory.getLogger(ApplicationGrant.class);

  @Override
  public CompletableFuture<AccessToken> ask(boolean fresh) {
    Optional<AccessToken> good = fresh ? Optional.empty() : kept.read();
    if (good.isPresent()) {
      return CompletableFuture.completedFuture(good.get());
    }
    List<ApplicationCredential> credentials;
    try {
      credentials = proofs.read();
    } catch (OperatorException | RuntimeException unusable) {
      return CompletableFuture.failedFuture(unusable);
    }
    CompletableFuture<AccessToken> answer = request(tokenAuthority, credentials.get(0), platform);
    for (ApplicationCredential next : credentials.subList(1, credentials.size())) {
      answer =
          answer.exceptionallyCompose(
              refused ->
                  isUnknownKey(refused) ? second(next) : CompletableFuture.failedFuture(refused));
    }
    return answer.thenApply(kept::keep);
  }

  private CompletableFuture<AccessToken> second(ApplicationCredential previous) {
    return request(tokenAuthority, previous, platform)
        .whenComplete(
            (token, refused) -> {
              if (token != null) {
                log.warn(
                    "run '{}': tenant {} does not know the certificate in use, and the one before it brought a token",
                    tokenAuthority.renewal(),
                    tokenAuthority.tenant());
              }
            });
  }

  /**
   * Requests a token once, past all caches, on the calling thread.
   *
   * @return a refusal also if the credential cannot be used
   */
  static TokenResult once(
      TokenAuthority tokenAuthority, ApplicationCredential proof, PlatformHttp http) {
    try {
      return new TokenResult.Issued(
          request(tokenAuthority, proof, new PlatformAccess(http, new CallingThread())).join());
    } catch (RuntimeException failed) {
      return GrantFailure.of(failed, "all mailboxes", Instant.now()).answer();
    }
  }

  private static CompletableFuture<AccessToken> request(
      TokenAuthority tokenAuthority, ApplicationCredential proof, PlatformAccess platform) {
    try {
      ConfidentialClientApplication.Builder builder =
          ConfidentialClientApplication.builder(tokenAuthority.applicationId(), credential(proof));
      platform.prepare(builder, tokenAuthority.authority());
      return builder
          .build()
          .acquireToken(
              ClientCredentialParameters.builder(Set.copyOf(tokenAuthority.scopes()))
                  .skipCache(true)
                  .build())
          .thenApply(PlatformAccess::token);
    } catch (MalformedURLException | RuntimeException unusable) {
      return CompletableFuture.failedFuture(unusable);
    }
  }

  /** Whether the application has no such certificate, or its time has ended. */
  private static boolean isUnknownKey(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
        .anyMatch(
            each ->
                each instanceof MsalServiceException said
                    && PlatformRefusal.of(PlatformRefusal.code(String.valueOf(said.getMessage())))
                        .equals(Optional.of(PlatformRefusal.CERTIFICATE_UNKNOWN)));
  }

  @Override
  public boolean ofOneMailbox() {
    return false;
  }

  @Override
  public Object basis() {
    try {
      return proofs.read();
    } catch (OperatorException | RuntimeException unusable) {
      return String.valueOf(unusable.getMessage());
    }
  }

  private static IClientCredential credential(ApplicationCredential proof) {
    if (proof instanceof ApplicationCredential.Certificate certificate) {
      return ClientCredentialFactory.createFromCertificateChain(
          certificate.key(), certificate.path());
    } else if (proof instanceof ApplicationCredential.Secret secret) {
      return ClientCredentialFactory.createFromSecret(secret.value());
    }
    throw new UnhandledVariantException(proof);
  }
}
