package org.tlsuplift.server.testing.platform;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What can be wrong with the token endpoint, for all who ask. */
public abstract sealed class Trouble {
  private Trouble() {}

  public static Trouble none() {
    return new Answering(Optional.empty());
  }

  /** Too many requests: 429 with {@code Retry-After} in seconds. */
  public static Trouble throttled(Duration retryAfter) {
    Answer answer =
        Answer.error(
            429,
            "temporarily_unavailable",
            90055,
            "The server terminated an operation because it encountered too many requests.");
    return new Answering(
        Optional.of(answer.with("Retry-After", String.valueOf(retryAfter.toSeconds()))));
  }

  /** 503 with an error that will pass. */
  public static Trouble unavailable() {
    return new Answering(
        Optional.of(
            Answer.error(
                503,
                "temporarily_unavailable",
                90033,
                "A transient error has occurred. Please try again.")));
  }

  /** 502 with a web page, as of something that stands before the platform. */
  public static Trouble webPage() {
    return new Answering(
        Optional.of(
            new Answer(
                502,
                Map.of(),
                "text/html",
                "<html><head><title>502 Bad Gateway</title></head></html>")));
  }

  /** 503 with a web page, of something in front that wants to be left alone for so long. */
  public static Trouble webPage(Duration retryAfter) {
    Answer page = new Answer(503, Map.of(), "text/html", "<html>Down for maintenance</html>");
    return new Answering(
        Optional.of(page.with("Retry-After", String.valueOf(retryAfter.toSeconds()))));
  }

  /** 302 to another address, as of something that wants people to sign in first. */
  public static Trouble redirect(String location) {
    return new Answering(
        Optional.of(new Answer(302, Map.of("Location", location), "text/html", "")));
  }

  /** 200 with any body. */
  public static Trouble content(String json) {
    return new Answering(Optional.of(new Answer(200, Map.of(), "application/json", json)));
  }

  /** The connection ends in the middle of an answer with this. */
  public static Trouble cutOff(String json) {
    return new Answering(Optional.of(new Answer(200, Map.of(), "application/json", json).cutOff()));
  }

  /** An error that is given whatever is asked for. */
  public static Trouble error(int status, String error, int code, String text) {
    return new Answering(Optional.of(Answer.error(status, error, code, text)));
  }

  /** Answers after so long, or as soon as the trouble is over. */
  public static Trouble slow(Duration delay) {
    return new Waiting(delay);
  }

  /** Blocks while it has to; gives what is answered in place of what was asked for. */
  abstract Optional<Answer> meet(CountDownLatch over);

  private static final class Answering extends Trouble {
    private final Optional<Answer> answer;

    private Answering(Optional<Answer> answer) {
      this.answer = answer;
    }

    @Override
    Optional<Answer> meet(CountDownLatch over) {
      return answer;
    }
  }

  private static final class Waiting extends Trouble {
    private final Duration delay;

    private Waiting(Duration delay) {
      this.delay = delay;
    }

    @Override
    Optional<Answer> meet(CountDownLatch over) {
      try {
        if (over.await(delay.toMillis(), TimeUnit.MILLISECONDS)) {
          return Optional.empty();
        }
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
      }
      return Optional.empty();
    }
  }
}
