package org.tlsuplift.server.signin.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenStoreTest {
  private static final int TENANTS = 4;

  @TempDir Path folder;

  private final ExecutorService threads = Executors.newFixedThreadPool(TENANTS);

  @AfterEach
  void end() {
    threads.shutdownNow();
  }

  @Test
  void tenantsThatUseANewDirectoryAtOnceAllKeepTheirTokens() throws Exception {
    for (int round = 0; round < 50; round++) {
      Path directory = folder.resolve("sign-in" + round);
      CyclicBarrier start = new CyclicBarrier(TENANTS);
      List<Callable<Optional<String>>> tenants =
          IntStream.range(0, TENANTS)
              .<Callable<Optional<String>>>mapToObj(
                  tenant ->
                      () -> {
                        TokenStore store = store(directory, tenant);
                        start.await();
                        store.write("all mailboxes", "token of " + tenant);
                        return store.read("all mailboxes");
                      })
              .toList();
      int tenant = 0;
      for (Future<Optional<String>> kept : threads.invokeAll(tenants)) {
        assertThat(kept.get()).contains("token of " + tenant++);
      }
      assertThat(directory.toFile().list()).hasSize(TENANTS + 1);
    }
  }

  @Test
  void aDamagedKeyIsSetAsideAndTokensAreKeptWithANewOne() throws Exception {
    TokenStore store = store(folder, 0);
    store.write("scanner@contoso.example", "first");
    for (String damaged : List.of("", "no hexadecimal digits", "abcd")) {
      Files.writeString(folder.resolve("tokens.key"), damaged);

      assertThat(store.read("scanner@contoso.example")).as(damaged).isEmpty();
      store.write("scanner@contoso.example", "second");
      assertThat(store.read("scanner@contoso.example")).as(damaged).contains("second");
      assertThat(folder.resolve("tokens.key.unreadable")).hasContent(damaged);
    }
  }

  private static TokenStore store(Path directory, int tenant) {
    return new TokenStore(directory, "tenant" + tenant, "owner " + tenant);
  }
}
