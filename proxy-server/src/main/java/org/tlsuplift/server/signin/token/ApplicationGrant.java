package org.tlsuplift.server.signin.token;

import com.microsoft.aad.msal4j.ClientCredentialFactory;
import com.microsoft.aad.msal4j.ClientCredentialParameters;
import com.microsoft.aad.msal4j.ConfidentialClientApplication;
import com.microsoft.aad.msal4j.IClientCredential;
import java.net.MalformedURLException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.signin.AccessToken;

/** The application signs in by itself (RFC 6749 section 4.4): one token for all its mailboxes. */
record ApplicationGrant(
    TokenAuthority tokenAuthority,
    CredentialSource proofs,
    PlatformAccess platform,
    StoredToken kept)
    implements TokenGrant {
  @Override
  public CompletableFuture<AccessToken> ask(boolean fresh) {
    Optional<AccessToken> good = fresh ? Optional.empty() : kept.read();
    if (good.isPresent()) {
      return CompletableFuture.completedFuture(good.get());
    }
    try {
      ConfidentialClientApplication.Builder builder =
          ConfidentialClientApplication.builder(
              tokenAuthority.applicationId(), credential(proofs.read()));
      platform.prepare(builder, tokenAuthority.authority());
      return builder
          .build()
          .acquireToken(
              ClientCredentialParameters.builder(Set.copyOf(tokenAuthority.scopes()))
                  .skipCache(true)
                  .build())
          .thenApply(PlatformAccess::token)
          .thenApply(kept::keep);
    } catch (OperatorException | MalformedURLException | RuntimeException unusable) {
      return CompletableFuture.failedFuture(unusable);
    }
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
