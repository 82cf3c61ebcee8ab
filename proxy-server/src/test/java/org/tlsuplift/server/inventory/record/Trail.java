package org.tlsuplift.server.inventory.record;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.tlsuplift.proxy.model.MessageOutcome;
import org.tlsuplift.server.inventory.messages.MessageRecord;

/** Makes records of messages. */
public final class Trail {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private Trail() {}

  /** A scan from TLS 1.0 to one recipient. */
  public static MessageRecord accepted(String device, Instant at, String recipient) {
    return message(
        device,
        at,
        "scanner@contoso.com",
        List.of(recipient),
        MessageOutcome.ACCEPTED,
        "",
        "250 2.0.0 Ok: queued as 4XFoo");
  }

  public static MessageRecord message(
      String device,
      Instant at,
      String sender,
      List<String> recipients,
      MessageOutcome outcome,
      String refusal,
      String reply) {
    return new MessageRecord(
        MessageRecord.idBegin(at) + "-%08x".formatted(NUMBER.getAndIncrement()),
        at,
        "0000002a",
        "submission",
        Sightings.address(device),
        "",
        sender,
        recipients,
        recipients.size(),
        outcome == MessageOutcome.ACCEPTED ? recipients.size() : 0,
        52_311,
        Duration.ofMillis(850),
        outcome,
        refusal,
        reply,
        "TLSv1",
        "TLSv1.3");
  }
}
