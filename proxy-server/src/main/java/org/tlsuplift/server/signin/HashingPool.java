package org.tlsuplift.server.signin;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.server.background.Threads;

/**
 * Compares passwords on its own threads: at most two at a time and one for each device, with 100
 * waiting for at most 10 seconds. Subnets take turns (IPv4: /24). If too many wait, the subnet with
 * most is cut. Equal comparisons at the same time run once. Thread-safe.
 */
final class HashingPool implements AutoCloseable {
  /** The outcome of a comparison. */
  enum Outcome {
    MATCHES,
    DIFFERS,
    /** Not compared: the admission refused it when its turn came. */
    NOT_ADMITTED,
    /** Not compared: too many were waiting, or for too long. */
    BUSY
  }

  private static final int MAX_WAITING = 100;
  private static final int MAX_THREADS = 2;
  private static final int MAX_WAIT_SECONDS = 10;
  private static final int IPV4_SUBNET = 24;

  private final int maxThreads;
  private final ExecutorService threads;
  private final Object lock = new Object();
  private final FairQueue<Job> waiting = new FairQueue<>(job -> job.subnet, job -> job.device);
  private final Map<VerifiedPasswordCache.Digest, Job> underWay = new HashMap<>();
  private final Set<InetAddress> comparing = new HashSet<>();
  private int workers;
  private boolean closed;

  /** One comparison, for all callers that want it. */
  private static final class Job {
    final VerifiedPasswordCache.Digest digest;
    final InetAddress subnet;
    final InetAddress device;
    final PasswordHash hash;
    final char[] password;
    final BooleanSupplier admission;
    final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

    /** The callers that still wait; guarded by the lock. */
    int askers;

    Job(
        VerifiedPasswordCache.Digest digest,
        InetAddress device,
        PasswordHash hash,
        char[] password,
        BooleanSupplier admission) {
      this.digest = digest;
      this.subnet =
          device instanceof Inet4Address ? DeviceNetworks.first(device, IPV4_SUBNET) : device;
      this.device = device;
      this.hash = hash;
      this.password = password.clone();
      this.admission = admission;
    }

    void end(Outcome ended) {
      Arrays.fill(password, '\0');
      outcome.complete(ended);
    }
  }

  /**
   * Creates the threads on demand.
   *
   * @param name of the threads
   */
  HashingPool(String name) {
    this(name, Math.min(MAX_THREADS, Math.max(1, Runtime.getRuntime().availableProcessors() / 2)));
  }

  HashingPool(String name, int maxThreads) {
    this.maxThreads = maxThreads;
    threads = Threads.upTo(maxThreads, name);
  }

  /**
   * Compares a copy of the characters, which is wiped.
   *
   * @param device what counts as one device
   * @param admission called on the comparing thread, right before the comparison
   * @return never fails; cancelling it drops a comparison that has not begun, unless other callers
   *     want it too
   */
  CompletableFuture<Outcome> compare(
      VerifiedPasswordCache.Digest digest,
      InetAddress device,
      PasswordHash hash,
      char[] password,
      BooleanSupplier admission) {
    CompletableFuture<Outcome> asker = new CompletableFuture<>();
    Job job;
    Job dropped = null;
    synchronized (lock) {
      if (closed) {
        return CompletableFuture.completedFuture(Outcome.BUSY);
      }
      job = underWay.get(digest);
      if (job == null) {
        job = new Job(digest, device, hash, password, admission);
        underWay.put(digest, job);
        waiting.add(job);
        dropped = waiting.size() > MAX_WAITING ? waiting.latestOfMost() : null;
        drop(dropped);
        startWorker();
      }
      job.askers++;
    }
    Job asked = job;
    if (dropped != null) {
      dropped.end(Outcome.BUSY);
    }
    var unused = asker.whenComplete((outcome, gone) -> leave(asked));
    var unusedToo = asked.outcome.whenComplete((outcome, never) -> asker.complete(outcome));
    return asker.completeOnTimeout(Outcome.BUSY, MAX_WAIT_SECONDS, TimeUnit.SECONDS);
  }

  /** Drops a comparison for which no caller waits. */
  private void leave(Job job) {
    boolean abandoned;
    synchronized (lock) {
      job.askers--;
      abandoned = job.askers == 0 && drop(job);
    }
    if (abandoned) {
      job.end(Outcome.BUSY);
    }
  }

  private boolean drop(@Nullable Job job) {
    if (job == null || !waiting.remove(job)) {
      return false;
    }
    underWay.remove(job.digest, job);
    return true;
  }

  private void startWorker() {
    if (workers < maxThreads) {
      workers++;
      try {
        threads.execute(this::work);
      } catch (RejectedExecutionException ended) {
        workers--;
      }
    }
  }

  private void work() {
    for (Job job = next(); job != null; job = next()) {
      Outcome outcome = outcome(job);
      synchronized (lock) {
        underWay.remove(job.digest, job);
      }
      job.end(outcome);
      // Only now, because the result counts for the device's next comparison.
      synchronized (lock) {
        comparing.remove(job.device);
      }
    }
  }

  private @Nullable Job next() {
    synchronized (lock) {
      Job job = waiting.next(device -> !comparing.contains(device));
      if (job == null) {
        workers--;
      } else {
        comparing.add(job.device);
      }
      return job;
    }
  }

  private static Outcome outcome(Job job) {
    try {
      if (!job.admission.getAsBoolean()) {
        return Outcome.NOT_ADMITTED;
      }
      return job.hash.matches(job.password) ? Outcome.MATCHES : Outcome.DIFFERS;
    } catch (RuntimeException | Error fault) {
      return Outcome.BUSY;
    }
  }

  @Override
  public void close() {
    List<Job> left = new ArrayList<>();
    synchronized (lock) {
      closed = true;
      for (Job job = waiting.next(device -> true);
          job != null;
          job = waiting.next(device -> true)) {
        underWay.remove(job.digest, job);
        left.add(job);
      }
    }
    left.forEach(job -> job.end(Outcome.BUSY));
    threads.shutdownNow();
  }
}
