package org.tlsuplift.server.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tlsuplift.proxy.mail.MessageEnvelope;
import org.tlsuplift.proxy.spool.MessageSpool.Incoming;
import org.tlsuplift.proxy.spool.MessageSpool.Result;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.database.DatabasePlace;
import org.tlsuplift.server.mail.OutgoingMessage;
import org.tlsuplift.server.seal.SealKey;
import org.tlsuplift.server.testing.Postgres;

/** The spool that several daemons share. */
@OneJdk
class PostgresSpoolTest extends SpoolContract {
  @AutoClose private static Postgres postgres;

  @TempDir Path folder;
  private DatabasePlace.PostgreSql place;

  @BeforeAll
  static void startDatabase() {
    postgres = Postgres.start();
  }

  @Override
  JdbcSpoolStore open() throws Exception {
    return open((byte) 1);
  }

  private JdbcSpoolStore open(byte key) throws Exception {
    byte[] bytes = new byte[32];
    bytes[0] = key;
    Path file = Files.write(folder.resolve("key"), bytes);
    return JdbcSpoolStore.open(place(), SealKey.read(file), Clock.systemUTC());
  }

  @Override
  DatabasePlace.PostgreSql place() {
    if (place == null) {
      place = postgres.place(postgres.newSchema());
    }
    return place;
  }

  @Test
  void instancesNeverClaimTheSameMessageOrTwoOfOneAccount() throws Exception {
    for (int i = 0; i < 300; i++) {
      kept("a" + i % 40, "s" + i, new byte[10]);
    }
    List<JdbcSpoolStore> stores = List.of(store, another(), another());
    Set<String> claimed = new HashSet<>();
    int rounds = 0;
    while (store.totals().messages() > 0) {
      assertThat(rounds++).isLessThan(100);
      List<CompletableFuture<List<OutgoingMessage>>> running = new ArrayList<>();
      for (JdbcSpoolStore each : stores) {
        running.add(CompletableFuture.supplyAsync(() -> claim(each)));
      }
      Set<String> accounts = new HashSet<>();
      for (int i = 0; i < stores.size(); i++) {
        for (OutgoingMessage each : running.get(i).join()) {
          assertThat(claimed.add(each.id())).isTrue();
          assertThat(accounts.add(each.envelope().account())).isTrue();
        }
      }
      for (int i = 0; i < stores.size(); i++) {
        for (OutgoingMessage each : running.get(i).join()) {
          assertThat(stores.get((i + 1) % 3).finish(each, null)).as("not its own").isFalse();
          assertThat(stores.get(i).finish(each, null)).isTrue();
        }
      }
    }
    assertThat(claimed).hasSize(300);
  }

  private static List<OutgoingMessage> claim(SpoolStore store) {
    try {
      return store.claim(15, Set.of());
    } catch (SpoolException failed) {
      throw new AssertionError(failed);
    }
  }

  @Test
  void anotherInstanceTakesOverAfterTheLease() throws Exception {
    OutgoingMessage message = kept("a", "s", new byte[10]);
    assertThat(store.claim(1, Set.of())).hasSize(1);
    JdbcSpoolStore other = another();
    assertThat(other.claim(1, Set.of())).isEmpty();
    store.renew(List.of(message.id()));
    execute("UPDATE spool_message SET lease_until = lease_until - 60001");
    assertThat(other.claim(1, Set.of())).containsExactly(message);
    store.renew(List.of(message.id()));
    assertThat(store.finish(message, null)).isFalse();
    assertThat(store.postpone(message, message.open(), message.accepted(), "")).isFalse();
    other.close();
    assertThat(store.claim(1, Set.of())).as("released").hasSize(1);
  }

  @Test
  void instanceWithAnotherKeyClaimsNothing() throws Exception {
    JdbcSpoolStore wrong = open((byte) 2);
    assertThat(wrong.claim(1, Set.of())).isEmpty();
    kept("a", "s", new byte[10]);
    assertThat(wrong.claim(1, Set.of())).isEmpty();
    wrong.close();
    JdbcSpoolStore late = open((byte) 2);
    assertThatThrownBy(() -> late.claim(1, Set.of())).hasMessageContaining("need another key");
    late.close();
  }

  @Test
  void keepsEachAcceptedMessageAndNoRefusedOneWhileTheServerIsKilled() throws Exception {
    Map<String, String> kept = new HashMap<>();
    Set<String> refused = new HashSet<>();
    kept("a", "first", new byte[10]);
    for (int run = 0; run < 3; run++) {
      Map<String, CompletableFuture<Result>> all = new HashMap<>();
      Map<String, String> digests = new HashMap<>();
      for (int i = 0; i < 200; i++) {
        byte[] data = KeptMail.data(random, random.nextInt(i % 40 == 0 ? 400_000 : 20_000));
        String sender = "r" + run + "-" + i;
        digests.put(sender, KeptMail.digest(data));
        MessageEnvelope envelope = KeptMail.envelope("a" + i, sender);
        Incoming incoming = KeptMail.send(spool, envelope, data, 50_000);
        all.put(sender, incoming.keep().toCompletableFuture());
        if (i == 100 + 25 * run) {
          postgres.kill();
        }
      }
      if (run == 2) {
        CompletableFuture.allOf(all.values().toArray(CompletableFuture[]::new)).join();
      }
      postgres.startAgain();
      for (Map.Entry<String, CompletableFuture<Result>> each : all.entrySet()) {
        if (each.getValue().join() instanceof Result.Kept one) {
          kept.put(one.id(), digests.get(each.getKey()));
        } else {
          refused.add(each.getKey());
        }
      }
    }
    // Deletes what was refused although its commit succeeded.
    store.claim(1, Set.of());
    for (OutgoingMessage each : store.list(100_000)) {
      String sender = each.envelope().sender();
      if (!sender.equals("first")) {
        assertThat(refused).doesNotContain(sender);
        assertThat(KeptMail.digest(store, each)).isEqualTo(kept.remove(each.id()));
      }
    }
    assertThat(kept).isEmpty();
    assertThat(refused).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource({"1, true", "1000, false"})
  void keepsOrRefusesAMessageWhoseCommitHadNoReply(int lostReplies, boolean keeps)
      throws Exception {
    kept("a", "first", new byte[10]);
    byte[] data = KeptMail.data(random, 100_000);
    DatabasePlace.PostgreSql direct = place();
    int database = URI.create(direct.url().substring("jdbc:".length())).getPort();
    try (LossyLink link = new LossyLink(database)) {
      String url =
          direct.url().replace(":" + database + "/", ":" + link.port() + "/")
              + "&prepareThreshold=0";
      JdbcSpoolStore far =
          JdbcSpoolStore.open(
              new DatabasePlace.PostgreSql(url, direct.user(), direct.password()),
              SealKey.read(folder.resolve("key")),
              Clock.systemUTC());
      try {
        assertThat(far.totals().messages()).isEqualTo(1);
        Incoming incoming =
            KeptMail.send(
                far.intake(true, Duration.ofDays(2), KeptMail.MAXIMUM, "uplift-1"),
                KeptMail.envelope("b", "second"),
                data,
                50_000);
        link.lose(lostReplies);
        Result result = incoming.keep().toCompletableFuture().join();
        assertThat(link.lost()).isPositive();
        assertThat(store.totals().messages()).as("its row is committed").isEqualTo(2);
        assertThat(result instanceof Result.Kept).isEqualTo(keeps);
        link.lose(0);
        // Deletes what was refused although its commit succeeded.
        List<OutgoingMessage> claimed = far.claim(10, Set.of());
        assertThat(senders(claimed))
            .containsExactlyElementsOf(keeps ? List.of("first", "second") : List.of("first"));
        if (keeps) {
          assertThat(KeptMail.digest(far, claimed.get(1))).isEqualTo(KeptMail.digest(data));
        }
      } finally {
        far.close();
      }
    }
  }

  /** A way to the database that loses the replies to COMMIT, and then breaks. */
  private static final class LossyLink implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final int database;
    private final AtomicInteger wanted = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();

    LossyLink(int database) throws IOException {
      this.database = database;
      threads.execute(this::accept);
    }

    int port() {
      return server.getLocalPort();
    }

    void lose(int replies) {
      wanted.set(replies);
    }

    int lost() {
      return lost.get();
    }

    private void accept() {
      try {
        while (true) {
          Socket client = server.accept();
          Socket far = new Socket(InetAddress.getLoopbackAddress(), database);
          AtomicBoolean losing = new AtomicBoolean();
          threads.execute(() -> pass(client, far, losing, true));
          threads.execute(() -> pass(far, client, losing, false));
        }
      } catch (IOException closed) {
        // The test has ended.
      }
    }

    private void pass(Socket from, Socket to, AtomicBoolean losing, boolean asks) {
      byte[] bytes = new byte[64 * 1024];
      try (from;
          to) {
        for (int count; (count = from.getInputStream().read(bytes)) > 0; ) {
          String text = new String(bytes, 0, count, StandardCharsets.ISO_8859_1);
          if (asks && text.contains("COMMIT") && wanted.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
            losing.set(true);
          } else if (!asks && losing.get()) {
            lost.incrementAndGet();
            return;
          }
          to.getOutputStream().write(bytes, 0, count);
        }
      } catch (IOException broken) {
        // The other direction has closed both.
      }
    }

    @Override
    public void close() throws IOException {
      server.close();
      threads.shutdownNow();
    }
  }
}
