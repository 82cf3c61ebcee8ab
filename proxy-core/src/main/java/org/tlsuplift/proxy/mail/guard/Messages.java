package org.tlsuplift.proxy.mail.guard;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.guard.Command.Expected;
import org.tlsuplift.proxy.model.MailMessage;

/**
 * The messages of one session that are under way: at most one that the device is sending, and those
 * whose last reply the origin owes. Reports each once, when it ends.
 */
final class Messages {
  private final Set<Transaction> open = new LinkedHashSet<>();
  private final Consumer<MailMessage> reports;
  private @Nullable Transaction current;

  Messages(Consumer<MailMessage> reports) {
    this.reports = reports;
  }

  /** The message that the device is sending, or null. */
  @Nullable Transaction current() {
    return current;
  }

  /**
   * The device begins a message.
   *
   * @param sender in Unicode
   * @param envelopeSender the same with each byte one character; empty if it cannot be read
   */
  Transaction begin(String sender, String envelopeSender) {
    Transaction begun = new Transaction(sender, envelopeSender);
    current = begun;
    open.add(begun);
    return begun;
  }

  /** This proxy refused a message at its MAIL. */
  void refused(String sender, Refusal why) {
    Transaction message = new Transaction(sender, "");
    message.refused(why);
    reports.accept(message.abandoned());
  }

  /** The message that the device is sending ends the session. */
  void refused(Command.End why) {
    if (current != null && why.refusal() != null) {
      current.refused(new Refusal(why.refusal(), why.reply()));
    }
  }

  /** The device has sent the whole message, and may begin another. */
  void sent() {
    current = null;
  }

  /** The session ends. */
  void end() {
    current = null;
    for (Transaction message : Set.copyOf(open)) {
      abandon(message);
    }
  }

  /**
   * The origin replied to a command.
   *
   * @param message the command belongs to it; or null
   * @param line the last of the reply
   */
  void answered(Expected kind, @Nullable Transaction message, String line) {
    if (message == null || !open.contains(message)) {
      return;
    }
    switch (kind) {
      case SENDER -> {
        if (!message.senderAnswered(line)) {
          end(message, message.endedBy(line));
        }
      }
      case RECIPIENT -> message.recipientAnswered(line);
      case GO_AHEAD -> {
        if (!line.startsWith("3")) {
          message.answered(line);
        }
      }
      case RECEIPT -> end(message, message.endedBy(line));
      case CHUNK -> message.chunkAnswered(line);
      case RESET, CAPABILITIES -> {
        message.resetAnswered();
        if (line.startsWith("2")) {
          abandon(message);
        }
      }
      case REPLY, SIGN_IN -> throw new IllegalArgumentException(kind + " belongs to no message");
    }
  }

  private void abandon(Transaction message) {
    end(message, message.abandoned());
  }

  private void end(Transaction message, MailMessage report) {
    if (current == message) {
      current = null;
    }
    open.remove(message);
    reports.accept(report);
  }
}
