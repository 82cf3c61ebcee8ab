package org.tlsuplift.server.metrics;

import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import org.jspecify.annotations.Nullable;

/**
 * The start of a response body, as much as fits on a log line. The rest is discarded.
 *
 * <p>All characters except printable ASCII become spaces, so that a receiver cannot add lines to
 * the log.
 */
final class ResponseExcerpt implements BodySubscriber<String> {
  private static final int LENGTH = 200;
  private static final int MAX_BYTES = 64 * 1024;

  private final CompletableFuture<String> text = new CompletableFuture<>();
  private final StringBuilder start = new StringBuilder();
  private @Nullable Subscription subscription;
  private long received;

  @Override
  public CompletionStage<String> getBody() {
    return text;
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    this.subscription = subscription;
    subscription.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> content) {
    for (ByteBuffer each : content) {
      received += each.remaining();
      byte[] some = new byte[Math.min(each.remaining(), LENGTH - start.length())];
      each.get(some);
      start.append(new String(some, StandardCharsets.US_ASCII).replaceAll("[^\\x20-\\x7e]", " "));
    }
    // Reading to the end keeps the connection usable. An endless response is cut off.
    if (received > MAX_BYTES && subscription != null) {
      subscription.cancel();
      onComplete();
    }
  }

  @Override
  public void onError(Throwable failure) {
    text.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    text.complete(start.toString().strip());
  }
}
