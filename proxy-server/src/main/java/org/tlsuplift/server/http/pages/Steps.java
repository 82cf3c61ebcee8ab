package org.tlsuplift.server.http.pages;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.background.Threads;
import org.tlsuplift.server.console.PageText;
import org.tlsuplift.server.http.BadRequestException;

/**
 * A check that people start from a page, which shows each step as it happens (template {@code
 * steps.jte}). One check runs at a time, on a thread of its own. Its result stays in memory until
 * the next one starts. Thread-safe; outlives a reload.
 */
public final class Steps {
  /** The most steps of a check, and the most checks in a period. */
  static final int MAX = 1000;

  static final int MAX_STARTS = 60;
  private static final Duration PERIOD = Duration.ofHours(1);

  private static final Logger log = LoggerFactory.getLogger(Steps.class);

  private final ExecutorService thread = Threads.upTo(1, 1, "uplift-check");
  private final Clock clock;
  private final Duration limit;
  private final List<Instant> starts = new ArrayList<>();
  private @Nullable Run latest;

  /**
   * @param limit a check that takes longer is interrupted
   */
  public Steps(Clock clock, Duration limit) {
    this.clock = clock;
    this.limit = limit;
  }

  /** The outcome of a step, or the heading of the steps that follow. */
  public enum Tone {
    HEADING("heading", ""),
    OK("done", "ok"),
    NOTE("note", "note"),
    /** The check waits, and continues with another round. */
    WAIT("note", "note"),
    FAILED("failed", "failed"),
    SKIPPED("skipped", "skipped");

    private final String style;
    private final String word;

    Tone(String style, String word) {
      this.style = style;
      this.word = word;
    }

    /** The class of its colour. */
    public String style() {
      return style;
    }

    public String word() {
      return word;
    }
  }

  /**
   * A step that has ended.
   *
   * @param name of the step, or the text of a heading
   * @param seen the observation, without secrets; may be empty
   * @param title what the failure means; empty for none
   * @param remedy lines of text; a command begins with two spaces
   */
  public record Step(Tone tone, String name, String seen, String title, List<String> remedy) {
    public Step {
      remedy = List.copyOf(remedy);
    }

    public static Step heading(String text) {
      return new Step(Tone.HEADING, text, "", "", List.of());
    }

    public static Step of(Tone tone, String name, String seen) {
      return new Step(tone, name, seen, "", List.of());
    }
  }

  /**
   * The latest check.
   *
   * @param ended null while it runs
   */
  public record Run(String title, Instant began, @Nullable Instant ended, List<Step> steps) {
    public Run {
      steps = List.copyOf(steps);
    }

    public boolean running() {
      return ended == null;
    }

    /** The first step that failed, in the latest round if it has ended; empty for none. */
    String failure() {
      return (running() ? steps : current())
          .stream()
              .filter(step -> step.tone() == Tone.FAILED)
              .map(
                  step ->
                      step.name() + ": " + (step.title().isEmpty() ? step.seen() : step.title()))
              .findFirst()
              .orElse("");
    }

    /** Whether a step succeeded. */
    boolean proves() {
      return current().stream().anyMatch(step -> step.tone() == Tone.OK);
    }

    /** The rounds before the latest one. */
    public List<Step> earlier() {
      return steps.subList(0, latestRound());
    }

    /** The latest round, with the latest of the notes that it waits. */
    public List<Step> current() {
      List<Step> round = new ArrayList<>(steps.subList(latestRound(), steps.size()));
      while (round.size() > 1 && waits(round, round.size() - 1) && waits(round, round.size() - 2)) {
        round.remove(round.size() - 2);
      }
      return round;
    }

    private int latestRound() {
      int first = steps.size() - 1;
      while (first > 0 && (waits(steps, first) || !waits(steps, first - 1))) {
        first--;
      }
      return Math.max(first, 0);
    }

    private static boolean waits(List<Step> steps, int index) {
      return steps.get(index).tone() == Tone.WAIT;
    }
  }

  /** A check. May block; ends soon after an interrupt. */
  public interface Work {
    /**
     * @param steps gets each step when it has ended
     * @throws OperatorException if the check cannot go on; its message is the last step
     */
    void run(Consumer<Step> steps) throws Exception;
  }

  public synchronized Optional<Run> latest() {
    return Optional.ofNullable(latest);
  }

  /**
   * Starts a check.
   *
   * @throws BadRequestException if one is running, or if too many were started
   */
  public synchronized void start(String title, Work work) throws BadRequestException {
    if (latest != null && latest.running()) {
      throw new BadRequestException(409, "a check is running; wait until it has ended");
    }
    Instant now = clock.instant();
    starts.removeIf(start -> start.isBefore(now.minus(PERIOD)));
    if (starts.size() == MAX_STARTS) {
      throw new BadRequestException(
          429, MAX_STARTS + " checks were started within an hour; try again later");
    }
    starts.add(now);
    latest = new Run(title, now, null, List.of());
    Future<?> run = thread.submit(() -> run(work));
    CompletableFuture.delayedExecutor(limit.toMillis(), TimeUnit.MILLISECONDS, Runnable::run)
        .execute(() -> run.cancel(true));
  }

  private void run(Work work) {
    try {
      work.run(this::add);
    } catch (OperatorException refused) {
      failed(String.valueOf(refused.getMessage()));
    } catch (InterruptedException late) {
      failed("it took longer than " + PageText.duration(limit) + " and was stopped");
    } catch (Exception | Error fault) {
      log.error("A check of a page failed", fault);
      failed("it failed; the cause is in the log");
    } finally {
      end();
    }
  }

  private void failed(String why) {
    add(Step.of(Tone.FAILED, "check", why));
  }

  private synchronized void add(Step step) {
    Run run = latest;
    if (run != null && run.steps().size() < MAX) {
      List<Step> steps = new ArrayList<>(run.steps());
      steps.add(step);
      latest = new Run(run.title(), run.began(), null, steps);
    }
  }

  private synchronized void end() {
    Run run = latest;
    if (run != null) {
      latest = new Run(run.title(), run.began(), clock.instant(), run.steps());
    }
  }
}
