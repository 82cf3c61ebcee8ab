package org.tlsuplift.proxy.mail.guard;

import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.mail.MailPolicy;
import org.tlsuplift.proxy.mail.guard.Command.Expected;
import org.tlsuplift.proxy.model.Permit;
import org.tlsuplift.proxy.model.PermitResult;
import org.tlsuplift.proxy.model.UnhandledVariantException;

/**
 * Decides what happens to each command of one session, and reports refused messages.
 *
 * <p>A message begins and ends at the origin when the origin accepts a command, not when the device
 * sends one. A command whose meaning depends on a reply that has not come waits for it, and a
 * command that needs a message and has none does not pass.
 */
record CommandRules(
    MailPolicy policy,
    MessageRules rules,
    Messages messages,
    CapabilityFilter capabilities,
    GuardCallbacks callbacks) {
  private static final String NO_MESSAGE = "503 5.5.1 No message has begun; send MAIL first";

  /** What happens to a command. Some commands leave no choice. */
  sealed interface Decision
      permits Decision.Pass,
          Decision.PassChunk,
          Decision.Wait,
          Decision.Ask,
          Command.SignIn,
          Command.Refuse,
          Command.End {
    /**
     * The command passes.
     *
     * @param line with its CRLF
     * @param expected the kind of its reply
     * @param message the message that it belongs to, or null
     */
    record Pass(String line, Expected expected, @Nullable Transaction message)
        implements Decision {}

    /** The command passes, and so do the bytes of a chunk that follow it. */
    record PassChunk(Pass command, long bytes) implements Decision {}

    /** The decision depends on replies of the origin to earlier commands. */
    record Wait(Command command) implements Decision {}

    /** The message waits for a permit. */
    record Ask(Permit permit, Command.Mail mail) implements Decision {}
  }

  /**
   * Decides about a command.
   *
   * @param answered whether the origin has replied to all earlier commands
   */
  Decision decide(Command command, boolean answered) {
    if (command instanceof Command.Pass pass) {
      return pass(pass);
    } else if (command instanceof Command.Mail mail) {
      return mail(mail, answered);
    } else if (command instanceof Command.Recipient recipient) {
      return recipient(recipient);
    } else if (command instanceof Command.Chunk chunk) {
      return answered ? chunk(chunk) : new Decision.Wait(chunk);
    } else if (command instanceof Command.End end) {
      // A last reply before the origin's replies would count as the reply to an earlier command.
      return answered ? end : new Decision.Wait(end);
    } else if (command instanceof Decision decided) {
      return decided;
    }
    throw new UnhandledVariantException(command);
  }

  private Decision pass(Command.Pass pass) {
    Transaction message = messages.current();
    if (pass.expected() == Expected.GO_AHEAD) {
      return message == null
          ? new Command.Refuse(NO_MESSAGE)
          : message.isResetPending()
              ? new Decision.Wait(pass)
              : new Decision.Pass(pass.line(), pass.expected(), message);
    }
    if (pass.expected() == Expected.CAPABILITIES) {
      capabilities.expect();
      callbacks.introduced(pass.line().stripTrailing());
    }
    if (!pass.resets()) {
      return new Decision.Pass(pass.line(), pass.expected(), null);
    }
    if (message != null) {
      message.resetPassed();
    }
    return new Decision.Pass(pass.line(), pass.expected(), message);
  }

  private Decision mail(Command.Mail mail, boolean answered) {
    Transaction open = messages.current();
    if (open != null) {
      return (open.isSenderPending() || open.isResetPending()) && !answered
          ? new Decision.Wait(mail)
          : new Command.Refuse("503 5.5.1 A message has begun; send RSET first");
    }
    Envelope from = Envelope.from(mail.arguments());
    if (from != null && from.size() >= 0 && capabilities.isAwaited() && !answered) {
      return new Decision.Wait(mail);
    }
    if (from == null && rules.readsSender()) {
      return new Command.Refuse("501 5.5.4 Expected MAIL FROM:<address>");
    }
    Refusal refusal = rules.sender(from, capabilities.originSize(), capabilities.isKnown());
    if (refusal != null) {
      return refuseMail(mail, refusal);
    }
    Permit permit = rules.permit();
    return permit == null ? begin(mail) : new Decision.Ask(permit, mail);
  }

  /** The decision about a message after the wait for its permit. */
  Decision afterPermit(Command.Mail mail, PermitResult answer) {
    Refusal refusal = MessageRules.refusal(answer);
    return refusal == null ? begin(mail) : refuseMail(mail, refusal);
  }

  private Decision refuseMail(Command.Mail mail, Refusal refusal) {
    messages.refused(shownSender(mail), refusal);
    return refuse(0, refusal);
  }

  private Decision refuse(long bytes, Refusal why) {
    callbacks.messageRefused(why.reason(), why.detail());
    return new Command.Refuse(bytes, why.reply());
  }

  private Decision begin(Command.Mail mail) {
    Envelope from = Envelope.from(mail.arguments());
    Transaction begun = messages.begin(shownSender(mail), from == null ? "" : from.address());
    begun.senderPassed();
    return new Decision.Pass(line(mail), Expected.SENDER, begun);
  }

  private static String shownSender(Command.Mail mail) {
    Envelope from = Envelope.from(mail.arguments());
    return from == null ? mail.arguments().strip() : from.text();
  }

  /** The command for the origin: with another sender, and without a SIZE that no longer holds. */
  private String line(Command.Mail mail) {
    Envelope from = Envelope.from(mail.arguments());
    if (from == null) {
      return mail.line();
    }
    Envelope changed = from;
    if (from.size() >= 0 && (!policy.keepsData() || capabilities.hasAddedSize())) {
      changed = changed.withoutSize();
    }
    // The null sender stays, because nobody may be told about a notification that gets lost.
    if (policy.rewriteFrom() != null && !from.address().isEmpty()) {
      changed = changed.withAddress(policy.rewriteFrom().address());
    }
    return changed.equals(from) ? mail.line() : changed.mail();
  }

  private Decision recipient(Command.Recipient recipient) {
    Transaction message = messages.current();
    if (message == null) {
      return new Command.Refuse(NO_MESSAGE);
    }
    if (message.isResetPending()) {
      return new Decision.Wait(recipient);
    }
    Envelope to = Envelope.to(recipient.arguments());
    if (to == null && rules.readsRecipients()) {
      return new Command.Refuse("501 5.5.4 Expected RCPT TO:<address>");
    }
    Refusal refusal = rules.recipient(to, message.possibleRecipients());
    message.addRecipient(to == null ? recipient.arguments().strip() : to.text());
    if (refusal != null) {
      message.refused(refusal);
      return refuse(0, refusal);
    }
    message.recipientPassed();
    return new Decision.Pass(recipient.line(), Expected.RECIPIENT, message);
  }

  /**
   * Decides about a chunk after all earlier replies. An origin that refuses a chunk without reading
   * it would read its bytes as commands, so it must be sure that the origin wants it.
   */
  private Decision chunk(Command.Chunk chunk) {
    if (!capabilities.offersChunking()) {
      return decide(CommandReader.withoutChunks(chunk.bytes()), true);
    }
    Transaction message = messages.current();
    if (message == null) {
      return new Command.Refuse(chunk.bytes(), NO_MESSAGE);
    }
    if (!message.hasRecipients()) {
      return new Command.Refuse(
          chunk.bytes(), "503 5.5.1 The message has no recipients; send RCPT first");
    }
    if (message.isBroken()) {
      return new Command.Refuse(chunk.bytes(), "503 5.5.1 A chunk was refused; send RSET first");
    }
    if (rules.isTooLarge(message.size() + chunk.bytes())) {
      Refusal refusal = rules.sizeRefusal();
      message.breakOff(refusal);
      return refuse(chunk.bytes(), refusal);
    }
    message.addSize(chunk.bytes());
    if (chunk.last()) {
      messages.sent();
    }
    return new Decision.PassChunk(
        new Decision.Pass(chunk.line(), chunk.last() ? Expected.RECEIPT : Expected.CHUNK, message),
        chunk.bytes());
  }
}
