package org.tlsuplift.server.signin.token;

import com.microsoft.aad.msal4j.DeviceCode;
import com.microsoft.aad.msal4j.DeviceCodeFlowParameters;
import com.microsoft.aad.msal4j.IAuthenticationResult;
import com.microsoft.aad.msal4j.MsalException;
import com.microsoft.aad.msal4j.PublicClientApplication;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.MalformedURLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/** A user signs in for a mailbox in a browser anywhere (RFC 8628), while this program waits. */
public final class BrowserSignIn {
  private final TokenAuthority tokenAuthority;
  private final PlatformHttp http;
  private final UserTokens tokens;

  /**
   * What the user needs to sign in.
   *
   * @param url the page to open
   * @param code to enter there
   * @param valid the lifetime of the code
   */
  public record Invitation(String url, String code, Duration valid) {}

  /**
   * @param tokens where the daemon finds the tokens
   */
  public BrowserSignIn(TokenAuthority tokenAuthority, PlatformHttp http, UserTokens tokens) {
    this.tokenAuthority = tokenAuthority;
    this.http = http;
    this.tokens = tokens;
  }

  /**
   * Waits until the user has signed in, and replaces the tokens of the mailbox. Blocks for the
   * lifetime of the code.
   *
   * @return the name of the user
   * @throws BrowserSignInException if no user signed in, the platform refused, or the tokens cannot
   *     be kept
   */
  public String signIn(String mailbox, Consumer<Invitation> show)
      throws BrowserSignInException, InterruptedException {
    ExecutorService threads =
        Executors.newSingleThreadExecutor(new DefaultThreadFactory("uplift-platform", true));
    try {
      tokens.check();
      PublicClientApplication application = application(new PlatformAccess(http, threads));
      IAuthenticationResult result =
          application
              .acquireToken(
                  DeviceCodeFlowParameters.builder(
                          Set.copyOf(tokenAuthority.scopes()),
                          code -> show.accept(invitation(code)))
                      .build())
              .get();
      tokens.replace(mailbox.toLowerCase(Locale.ROOT), application.tokenCache().serialize());
      return result.account().username();
    } catch (TokenStoreException unusable) {
      throw new BrowserSignInException(String.valueOf(unusable.getMessage()));
    } catch (ExecutionException failed) {
      throw failure(failed, mailbox);
    } catch (MalformedURLException impossible) {
      throw new IllegalStateException("a validated authority", impossible);
    } finally {
      threads.shutdownNow();
    }
  }

  private PublicClientApplication application(PlatformAccess access) throws MalformedURLException {
    PublicClientApplication.Builder builder =
        PublicClientApplication.builder(tokenAuthority.applicationId());
    access.prepare(builder, tokenAuthority.authority());
    return builder.build();
  }

  private static Invitation invitation(DeviceCode code) {
    return new Invitation(
        code.verificationUri(), code.userCode(), Duration.ofSeconds(code.expiresIn()));
  }

  private static BrowserSignInException failure(ExecutionException failed, String mailbox) {
    String error =
        failed.getCause() instanceof MsalException said ? String.valueOf(said.errorCode()) : "";
    if (error.equals("code_expired") || error.equals("expired_token")) {
      return new BrowserSignInException("the code was not entered in time; run the command again");
    }
    if (error.equals("authorization_declined") || error.equals("access_denied")) {
      return new BrowserSignInException("the user declined the sign-in");
    }
    return new BrowserSignInException(GrantFailure.of(failed, mailbox, Instant.now()).why());
  }
}
