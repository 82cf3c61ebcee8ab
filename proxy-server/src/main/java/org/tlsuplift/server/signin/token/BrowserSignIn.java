package org.tlsuplift.server.signin.token;

import com.microsoft.aad.msal4j.DeviceCode;
import com.microsoft.aad.msal4j.DeviceCodeFlowParameters;
import com.microsoft.aad.msal4j.HttpRequest;
import com.microsoft.aad.msal4j.IAuthenticationResult;
import com.microsoft.aad.msal4j.IHttpClient;
import com.microsoft.aad.msal4j.IHttpResponse;
import com.microsoft.aad.msal4j.MsalException;
import com.microsoft.aad.msal4j.PublicClientApplication;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.MalformedURLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.outcome.PlatformRefusal;

/**
 * A user signs in for a mailbox in a browser, while this program waits: with a device code (RFC
 * 8628), or with an authorization code, which the browser's redirect brings (RFC 8252).
 */
public final class BrowserSignIn {
  /** The response until the user has signed in (RFC 8628 section 3.5). */
  private static final IHttpResponse PENDING =
      new PlatformHttp.Answer(
          400,
          Map.of("Content-Type", List.of("application/json")),
          // The library takes an error without a description for an unknown one.
          "{\"error\":\"authorization_pending\",\"error_description\":\"pending\"}");

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
   * Sends the library's requests. While the user signs in, the platform is asked again and again: a
   * request that fails then says nothing about the code, which stays valid (RFC 8628 section 3.5).
   */
  private static final class Polling implements IHttpClient {
    private final IHttpClient http;
    private volatile boolean shown;
    private volatile @Nullable String failure;

    Polling(IHttpClient http) {
      this.http = http;
    }

    @Override
    public IHttpResponse send(HttpRequest request) throws Exception {
      try {
        IHttpResponse response = http.send(request);
        boolean temporary = response.statusCode() == 429 || response.statusCode() >= 500;
        failure = temporary ? "status " + response.statusCode() : null;
        return temporary && shown ? PENDING : response;
      } catch (PlatformUnreachableException unreachable) {
        failure = unreachable.getMessage();
        if (shown) {
          return PENDING;
        }
        throw unreachable;
      }
    }
  }

  /**
   * @param tokens where the daemon finds the tokens
   */
  public BrowserSignIn(TokenAuthority tokenAuthority, PlatformHttp http, UserTokens tokens) {
    this.tokenAuthority = tokenAuthority;
    this.http = http;
    this.tokens = tokens;
  }

  /** How the authorization code gets from the browser to this program. */
  public interface Redirect {
    /** Where browsers go: {@code http://localhost} with a port. */
    String uri();

    /**
     * Shows the request's address to the user, and waits for the code.
     *
     * @throws OperatorException if the user or the platform refused, or nobody signed in in time
     */
    String await(AuthorizationRequest request) throws OperatorException, InterruptedException;
  }

  /**
   * Waits until the user has signed in with a device code, and replaces the tokens of the mailbox.
   * Blocks for the lifetime of the code.
   *
   * @return the name of the user
   * @throws OperatorException if no user signed in, the platform refused, or the tokens cannot be
   *     kept
   */
  public String signIn(String mailbox, Consumer<Invitation> show)
      throws OperatorException, InterruptedException {
    tokens.check();
    Polling polling = new Polling(http);
    try {
      return signIn(
          mailbox,
          polling,
          application ->
              application.acquireToken(
                  DeviceCodeFlowParameters.builder(
                          Set.copyOf(tokenAuthority.scopes()),
                          code -> {
                            polling.shown = true;
                            show.accept(invitation(code));
                          })
                      .build()));
    } catch (ExecutionException failed) {
      throw deviceCodeFailure(failed, mailbox, polling.failure);
    }
  }

  /**
   * Waits until the user has signed in with an authorization code, and replaces the tokens of the
   * mailbox. Blocks for as long as the redirect waits.
   *
   * @return the name of the user
   * @throws OperatorException as the other one
   */
  public String signIn(String mailbox, Redirect redirect)
      throws OperatorException, InterruptedException {
    tokens.check();
    AuthorizationRequest request =
        new AuthorizationRequest(tokenAuthority, redirect.uri(), mailbox);
    String code = redirect.await(request);
    try {
      return signIn(
          mailbox, http, application -> application.acquireToken(request.redemption(code)));
    } catch (ExecutionException failed) {
      throw codeFailure(failed, mailbox);
    }
  }

  private String signIn(
      String mailbox,
      IHttpClient client,
      Function<PublicClientApplication, CompletableFuture<IAuthenticationResult>> acquisition)
      throws OperatorException, ExecutionException, InterruptedException {
    ExecutorService threads =
        Executors.newSingleThreadExecutor(new DefaultThreadFactory("uplift-platform", true));
    try {
      PublicClientApplication application =
          new PlatformAccess(client, threads).publicClient(tokenAuthority).build();
      IAuthenticationResult result = acquisition.apply(application).get();
      tokens.replace(mailbox.toLowerCase(Locale.ROOT), application.tokenCache().serialize());
      return result.account().username();
    } catch (MalformedURLException impossible) {
      throw new IllegalStateException("a validated authority", impossible);
    } finally {
      threads.shutdownNow();
    }
  }

  private static Invitation invitation(DeviceCode code) {
    return new Invitation(
        code.verificationUri(), code.userCode(), Duration.ofSeconds(code.expiresIn()));
  }

  /**
   * @param unreachable why the last request got no response, or null if it got one
   */
  private static OperatorException deviceCodeFailure(
      ExecutionException failed, String mailbox, @Nullable String unreachable) {
    String instead =
        "tls-uplift accounts sign-in --browser " + ShortText.argument(mailbox, "MAILBOX");
    String error =
        failed.getCause() instanceof MsalException said ? String.valueOf(said.errorCode()) : "";
    if (error.equals("code_expired") || error.equals("expired_token")) {
      return new OperatorException(
          unreachable == null
              // github.com/Azure/azure-cli/issues/32420 (2025-11-13) has the page of Microsoft.
              ? "the code was not entered in time; run the command again; if Microsoft's page showed the error 53003, a policy blocks device code flow: "
                  + instead
              : "run the command again: the code expired while the identity platform did not respond: "
                  + unreachable);
    }
    if (error.equals("authorization_declined") || error.equals("access_denied")) {
      return new OperatorException("the user declined the sign-in");
    }
    String why = GrantFailure.of(failed, mailbox, Instant.now()).why();
    return new OperatorException(
        PlatformRefusal.of(PlatformRefusal.code(why))
                .filter(PlatformRefusal.CONDITIONAL_ACCESS::equals)
                .isPresent()
            ? why + "; if the policy blocks device code flow: " + instead
            : why);
  }

  private static OperatorException codeFailure(ExecutionException failed, String mailbox) {
    String why = GrantFailure.of(failed, mailbox, Instant.now()).why();
    return new OperatorException(
        switch (PlatformRefusal.code(why)) {
          case 7000218, 9002327 ->
              why.replaceFirst(": .*", "")
                  + ": the redirect URI http://localhost is registered for another platform; register it for 'Mobile and desktop applications' only";
          case 54005, 70008, 501481 ->
              why.replaceFirst(": .*", "")
                  + ": the code was used already or has expired; run the command again";
          default -> why;
        });
  }
}
