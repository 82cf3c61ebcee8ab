package org.tlsuplift.server.spool;

import io.netty.buffer.Unpooled;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.tlsuplift.proxy.mail.MessageEnvelope;
import org.tlsuplift.proxy.model.Digests;
import org.tlsuplift.proxy.spool.MessageSpool;
import org.tlsuplift.proxy.spool.MessageSpool.Incoming;
import org.tlsuplift.proxy.spool.MessageSpool.Result;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.mail.OutgoingMessage;

/** Mail for a spool. As a program, it keeps mail until it is killed, and prints what it got. */
final class KeptMail {
  static final long MAXIMUM = 1L << 30;
  private static final int SENT = 400;

  private KeptMail() {}

  static MessageEnvelope envelope(String account, String sender) {
    return envelope("192.0.2.1", account, sender);
  }

  static MessageEnvelope envelope(String device, String account, String sender) {
    try {
      return new MessageEnvelope(
          "mail",
          InetAddress.getByName(device),
          account,
          sender,
          List.of("a@example.org", "ü@example.org"),
          true);
    } catch (UnknownHostException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /** Hands data over in pieces, as a connection does. */
  static Incoming send(MessageSpool spool, MessageEnvelope envelope, byte[] data, int piece) {
    Incoming incoming = spool.begin(envelope, "");
    for (int at = 0; at < data.length; at += piece) {
      incoming
          .add(Unpooled.copiedBuffer(data, at, Math.min(piece, data.length - at)))
          .toCompletableFuture()
          .join();
    }
    return incoming;
  }

  static Result keep(MessageSpool spool, MessageEnvelope envelope, byte[] data) {
    return send(spool, envelope, data, 60_000).keep().toCompletableFuture().join();
  }

  static byte[] data(Random random, int size) {
    byte[] data = new byte[size];
    random.nextBytes(data);
    return data;
  }

  static String digest(byte[] data) {
    return HexFormat.of().formatHex(Digests.sha256().digest(data));
  }

  static String digest(SpoolStore store, OutgoingMessage message) throws Exception {
    MessageDigest digest = Digests.sha256();
    try (InputStream content = new DigestInputStream(store.content(message), digest)) {
      long read = content.transferTo(OutputStream.nullOutputStream());
      if (read != message.size()) {
        throw new AssertionError(read + " bytes instead of " + message.size());
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** The arguments: the file, and a prefix of the senders, which are all different. */
  @SuppressWarnings("SystemOut")
  public static void main(String[] arguments) throws Exception {
    JdbcSpoolStore store =
        JdbcSpoolStore.open(
            new DatabasePlace.Embedded(Path.of(arguments[0])), null, Clock.systemUTC());
    MessageSpool spool = store.intake(true, Duration.ofDays(2), MAXIMUM, "uplift-1");
    MessageSpool small = store.intake(true, Duration.ofDays(2), 100_000, "uplift-1");
    Random random = new Random();
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (int i = 0; i < SENT; i++) {
      String sender = arguments[1] + i;
      byte[] data = data(random, random.nextInt(3) == 0 ? 900_000 : random.nextInt(20_000));
      MessageSpool used = random.nextInt(8) == 0 ? small : spool;
      Incoming incoming = send(used, envelope("", sender), data, 50_000);
      if (random.nextInt(8) == 0) {
        incoming.discard();
        System.out.println("refused " + sender + " discarded");
        continue;
      }
      all.add(
          incoming
              .keep()
              .thenAccept(
                  result ->
                      System.out.println(
                          result instanceof Result.Kept kept
                              ? "kept " + kept.id() + " " + digest(data)
                              : "refused " + sender + " " + result))
              .toCompletableFuture());
    }
    all.forEach(CompletableFuture::join);
    System.out.println("end");
    Thread.sleep(Duration.ofMinutes(1).toMillis());
  }
}
