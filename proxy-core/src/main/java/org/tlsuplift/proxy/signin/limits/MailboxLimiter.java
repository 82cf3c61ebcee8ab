package org.tlsuplift.proxy.signin.limits;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.model.DeviceNetworks;
import org.tlsuplift.proxy.model.MailProtocol;
import org.tlsuplift.proxy.model.Permit;
import org.tlsuplift.proxy.model.PermitResult;
import org.tlsuplift.proxy.signin.MailboxPermits;
import org.tlsuplift.proxy.signin.limits.MailboxObserver.Cause;
import org.tlsuplift.proxy.signin.limits.MailboxObserver.Queue;
import org.tlsuplift.proxy.signin.limits.Waiter.State;

/**
 * The queues of all mailboxes, shared by all listeners and event loops.
 *
 * <p>One lock is enough, because sign-ins and messages are rare. It is held for a few steps, and
 * never while a callback runs. An unused mailbox is removed a minute after its last message. IMAP
 * and POP3 have no such limits.
 */
public final class MailboxLimiter implements MailboxPermits {
  /** Stands for every device in the queue for messages, which all devices share. */
  private static final InetAddress ANY_DEVICE = InetAddress.getLoopbackAddress();

  private volatile MailboxLimits limits;
  private volatile DeviceNetworks networks;
  private final ScheduledExecutorService timer;
  private final MailboxObserver observer;
  private final LongSupplier nanoTime;
  private final Object lock = new Object();
  private final Map<String, Mailbox> mailboxes = new HashMap<>();
  private final AtomicInteger sessions = new AtomicInteger();
  private final AtomicInteger waiting = new AtomicInteger();

  /**
   * Creates a limiter without any mailbox.
   *
   * @param networks the unit that counts as one device in the queue for sessions
   * @param timer runs the timeouts of waits, and possibly callbacks
   */
  public MailboxLimiter(
      MailboxLimits limits,
      DeviceNetworks networks,
      ScheduledExecutorService timer,
      MailboxObserver observer) {
    this(limits, networks, timer, observer, System::nanoTime);
  }

  MailboxLimiter(
      MailboxLimits limits,
      DeviceNetworks networks,
      ScheduledExecutorService timer,
      MailboxObserver observer,
      LongSupplier nanoTime) {
    this.limits = limits;
    this.networks = networks;
    this.timer = timer;
    this.observer = observer;
    this.nanoTime = nanoTime;
  }

  /**
   * Sets other limits for all mailboxes. Open sessions and sent messages still count.
   *
   * @param otherNetworks the unit that counts as one device from now on
   */
  public void limit(MailboxLimits otherLimits, DeviceNetworks otherNetworks) {
    locked(
        news -> {
          limits = otherLimits;
          networks = otherNetworks;
          for (Mailbox mailbox : List.copyOf(mailboxes.values())) {
            mailbox.messages.limit(otherLimits.messagesPerMinute());
            advance(mailbox, news);
          }
        });
  }

  @Override
  public Permit session(String mailbox, MailProtocol protocol, InetAddress device) {
    return protocol == MailProtocol.SMTP
        ? join(mailbox, Queue.SESSION, networks.of(device))
        : Permit.GRANTED;
  }

  @Override
  public Permit message(String mailbox) {
    return join(mailbox, Queue.MESSAGE, ANY_DEVICE);
  }

  /** The number of SMTP sessions with a permit, over all mailboxes. */
  public int sessions() {
    return sessions.get();
  }

  public int waiting() {
    return waiting.get();
  }

  private Permit join(String name, Queue queue, InetAddress device) {
    List<Runnable> news = new ArrayList<>();
    Waiter waiter;
    synchronized (lock) {
      Mailbox mailbox =
          mailboxes.computeIfAbsent(
              name.toLowerCase(Locale.ROOT), key -> new Mailbox(key, limits.messagesPerMinute()));
      waiter = new Waiter(this, mailbox, queue, device, nanoTime.getAsLong());
      Set<Waiter> others = mailbox.queue(queue);
      others.add(waiter);
      waiting.incrementAndGet();
      advance(mailbox, news);
      if (others.size() > limits.maximumWaiting()) {
        refuse(mailbox.excess(queue), Cause.LINE_FULL, news);
      }
      if (waiter.state == State.WAITING) {
        waiter.timeout = schedule(() -> expire(waiter), limits.maximumWait().toNanos());
      }
    }
    news.forEach(Runnable::run);
    return waiter;
  }

  void end(Waiter waiter) {
    locked(
        news -> {
          if (waiter.state == State.WAITING) {
            stopWaiting(waiter);
          } else if (waiter.state == State.GRANTED && waiter.queue == Queue.SESSION) {
            waiter.mailbox.sessionEnds(waiter.device);
            sessions.decrementAndGet();
          }
          waiter.state = State.OVER;
          advance(waiter.mailbox, news);
        });
  }

  private void expire(Waiter waiter) {
    locked(
        news -> {
          if (waiter.state == State.WAITING) {
            refuse(waiter, Cause.WAIT, news);
            advance(waiter.mailbox, news);
          }
        });
  }

  /** Runs a step under the lock, then without the lock the callbacks that the step collected. */
  private void locked(Consumer<List<Runnable>> step) {
    List<Runnable> news = new ArrayList<>();
    synchronized (lock) {
      step.accept(news);
    }
    news.forEach(Runnable::run);
  }

  int remembered() {
    synchronized (lock) {
      return mailboxes.size();
    }
  }

  /** Grants all permits that are allowed now, and schedules the next one. */
  private void advance(Mailbox mailbox, List<Runnable> news) {
    Set<Waiter> sessionQueue = mailbox.queue(Queue.SESSION);
    while (mailbox.sessions < limits.sessions() && !sessionQueue.isEmpty()) {
      Waiter next = mailbox.next(Queue.SESSION);
      mailbox.sessionBegins(next.device);
      sessions.incrementAndGet();
      give(next, news);
    }
    long now = nanoTime.getAsLong();
    Set<Waiter> messageQueue = mailbox.queue(Queue.MESSAGE);
    while (!messageQueue.isEmpty() && mailbox.messages.take(now)) {
      give(messageQueue.iterator().next(), news);
    }
    if (!messageQueue.isEmpty() && !mailbox.wakes) {
      mailbox.wakes = true;
      var unused = schedule(() -> wake(mailbox), mailbox.messages.untilRoom(now));
    }
    forget(mailbox, now);
  }

  private void wake(Mailbox mailbox) {
    locked(
        news -> {
          mailbox.wakes = false;
          advance(mailbox, news);
        });
  }

  /** Removes an unused mailbox when its last message is more than a minute old. */
  private void forget(Mailbox mailbox, long now) {
    if (!mailbox.isUnused() || mailbox.forgets) {
      return;
    }
    long rest = mailbox.messages.untilEmpty(now);
    if (rest <= 0) {
      mailboxes.remove(mailbox.name, mailbox);
    } else {
      mailbox.forgets = true;
      var unused = schedule(() -> forgetNow(mailbox), rest);
    }
  }

  private void forgetNow(Mailbox mailbox) {
    synchronized (lock) {
      mailbox.forgets = false;
      forget(mailbox, nanoTime.getAsLong());
    }
  }

  private void give(Waiter waiter, List<Runnable> news) {
    stopWaiting(waiter);
    waiter.state = State.GRANTED;
    Duration waited = Duration.ofNanos(Math.max(0, nanoTime.getAsLong() - waiter.since));
    news.add(() -> observer.given(waiter.queue, waited));
    news.add(() -> waiter.complete(new PermitResult.Given()));
  }

  private void refuse(Waiter waiter, Cause cause, List<Runnable> news) {
    stopWaiting(waiter);
    waiter.state = State.OVER;
    news.add(() -> observer.refused(waiter.queue, cause));
    news.add(() -> waiter.complete(new PermitResult.Busy(why(waiter.queue, cause))));
  }

  private void stopWaiting(Waiter waiter) {
    waiter.mailbox.queue(waiter.queue).remove(waiter);
    waiting.decrementAndGet();
    Future<?> timeout = waiter.timeout;
    if (timeout != null) {
      timeout.cancel(false);
      waiter.timeout = null;
    }
  }

  private String why(Queue queue, Cause cause) {
    String taken =
        switch (queue) {
          case SESSION -> "this mailbox already has its " + limits.sessions() + " sessions";
          case MESSAGE ->
              "this mailbox has sent its " + limits.messagesPerMinute() + " messages per minute";
        };
    return taken
        + switch (cause) {
          case WAIT -> ", and none was free within " + limits.maximumWait().toSeconds() + " s";
          case LINE_FULL -> ", and " + limits.maximumWaiting() + " devices are already waiting";
        };
  }

  private @Nullable Future<?> schedule(Runnable task, long nanos) {
    try {
      return timer.schedule(task, nanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException ended) {
      // The proxy has stopped, so no session can wait.
      return null;
    }
  }
}
