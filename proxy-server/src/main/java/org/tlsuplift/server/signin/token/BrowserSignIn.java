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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;

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
        return temporary && shown ? new Pending() : response;
      } catch (PlatformUnreachableException unreachable) {
        failure = unreachable.getMessage();
        if (shown) {
          return new Pending();
        }
        throw unreachable;
      }
    }
  }

  /** The response until the user has signed in (RFC 8628 section 3.5). */
  private record Pending() implements IHttpResponse {
    @Override
    public int statusCode() {
      return 400;
    }

    @Override
    public Map<String, List<String>> headers() {
      return Map.of("Content-Type", List.of("application/json"));
    }

    @Override
    public String body() {
      // The library takes an error without a description for an unknown one.
      return "{\"error\":\"authorization_pending\",\"error_description\":\"pending\"}";
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

  /**
   * Waits until the user has signed in, and replaces the tokens of the mailbox. Blocks for the
   * lifetime of the code.
   *
   * @return the name of the user
   * @throws OperatorException if no user signed in, the platform refused, or the tokens cannot be
   *     kept
   */
  public String signIn(String mailbox, Consumer<Invitation> show)
      throws OperatorException, InterruptedException {
    ExecutorService threads =
        Executors.newSingleThreadExecutor(new DefaultThreadFactory("uplift-platform", true));
    Polling polling = new Polling(http);
    try {
      tokens.check();
      PublicClientApplication application = application(new PlatformAccess(polling, threads));
      IAuthenticationResult result =
          application
              .acquireToken(
                  DeviceCodeFlowParameters.builder(
                          Set.copyOf(tokenAuthority.scopes()),
                          code -> {
                            polling.shown = true;
                            show.accept(invitation(code));
                          })
                      .build())
              .get();
      tokens.replace(mailbox.toLowerCase(Locale.ROOT), application.tokenCache().serialize());
      return result.account().username();
    } catch (ExecutionException failed) {
      throw failure(failed, mailbox, polling.failure);
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

  /**
   * @param unreachable why the last request got no response, or null if it got one
   */
  private static OperatorException failure(
      ExecutionException failed, String mailbox, @Nullable String unreachable) {
    String error =
        failed.getCause() instanceof MsalException said ? String.valueOf(said.errorCode()) : "";
    if (error.equals("code_expired") || error.equals("expired_token")) {
      return new OperatorException(
          unreachable == null
              ? "the code was not entered in time; run the command again"
              : "run the command again: the code expired while the identity platform did not respond: "
                  + unreachable);
    }
    if (error.equals("authorization_declined") || error.equals("access_denied")) {
      return new OperatorException("the user declined the sign-in");
    }
    return new OperatorException(GrantFailure.of(failed, mailbox, Instant.now()).why());
  }
}
