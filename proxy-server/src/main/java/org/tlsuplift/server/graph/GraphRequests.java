package org.tlsuplift.server.graph;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.UnhandledVariantException;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.signin.AccessToken;
import org.tlsuplift.proxy.signin.AccessTokens;
import org.tlsuplift.proxy.signin.TokenResult;
import org.tlsuplift.server.https.HttpsRequest;
import org.tlsuplift.server.https.HttpsResponse;
import org.tlsuplift.server.https.HttpsService;

/**
 * Requests to Graph for one mailbox. Block.
 *
 * @param id the same for all attempts with a message, so that Microsoft's support can find a
 *     duplicate; Graph itself has no way to prevent one
 * @param observer gets the result of each request, one of {@link GraphTransport#RESULTS}
 */
record GraphRequests(
    HttpsService https,
    AccessTokens tokens,
    String mailbox,
    String id,
    Consumer<String> observer,
    Clock clock) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Sends JSON, and returns the fields of the response. */
  Map<String, @Nullable Object> json(String method, String path, @Nullable Object body)
      throws GraphException, InterruptedException {
    try {
      byte[] bytes = body == null ? new byte[0] : JSON.writeValueAsBytes(body);
      return send(method, path, "application/json", ByteBuffer.wrap(bytes));
    } catch (JsonProcessingException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /**
   * Sends a request, twice if Graph refuses the token.
   *
   * @param path below the mailbox
   */
  Map<String, @Nullable Object> send(String method, String path, String type, ByteBuffer body)
      throws GraphException, InterruptedException {
    AccessToken token = token(tokens.token(mailbox));
    HttpsResponse response = exchange(method, path, type, body, token);
    if (response.status() == 401) {
      response = exchange(method, path, type, body, token(tokens.renew(mailbox, token)));
    }
    if (response.status() / 100 != 2) {
      throw GraphException.of(response, clock);
    }
    return GraphException.read(response.body());
  }

  private HttpsResponse exchange(
      String method, String path, String type, ByteBuffer body, AccessToken token)
      throws GraphException, InterruptedException {
    Map<String, String> headers = new HashMap<>();
    headers.put("Authorization", "Bearer " + token.value());
    headers.put("Accept", "application/json");
    headers.put("client-request-id", id);
    if (body.hasRemaining()) {
      headers.put("Content-Type", type);
    }
    String target = "/v1.0/users/" + GraphTransport.encoded(mailbox) + path;
    return exchange(https, new HttpsRequest(method, target, headers, body));
  }

  /** Sends a request to any server, and counts it. */
  HttpsResponse exchange(HttpsService server, HttpsRequest request)
      throws GraphException, InterruptedException {
    try {
      HttpsResponse response = server.send(request);
      observer.accept(
          switch (response.status()) {
            case 401 -> "unauthorized";
            case 429 -> "throttled";
            default ->
                switch (response.status() / 100) {
                  case 2 -> "ok";
                  case 5 -> "failed";
                  default -> "refused";
                };
          });
      return response;
    } catch (OperatorException failed) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      observer.accept("unreachable");
      throw GraphException.temporary(String.valueOf(failed.getMessage()));
    }
  }

  private AccessToken token(CompletionStage<TokenResult> stage)
      throws GraphException, InterruptedException {
    TokenResult result;
    try {
      result = stage.toCompletableFuture().get();
    } catch (ExecutionException fault) {
      throw new IllegalStateException(fault);
    }
    if (result instanceof TokenResult.Issued issued) {
      return issued.token();
    } else if (result instanceof TokenResult.Unavailable unavailable) {
      throw GraphException.temporary("no token for Microsoft Graph: " + unavailable.why());
    } else if (result instanceof TokenResult.Refused refused) {
      throw GraphException.temporary("no token for Microsoft Graph: " + refused.why());
    }
    throw new UnhandledVariantException(result);
  }
}
