package org.tlsuplift.server.signin.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
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
import org.tlsuplift.proxy.signin.AccessToken;

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
                        store.replace("all mailboxes", "token of " + tenant);
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
    store.replace("scanner@contoso.example", "first");
    for (String damaged : List.of("", "no hexadecimal digits", "abcd")) {
      Files.writeString(folder.resolve("tokens.key"), damaged);

      assertThat(store.read("scanner@contoso.example")).as(damaged).isEmpty();
      store.replace("scanner@contoso.example", "second");
      assertThat(store.read("scanner@contoso.example")).as(damaged).contains("second");
      assertThat(folder.resolve("tokens.key.unreadable")).hasContent(damaged);
    }
  }

  /** These files were written by version 1.0 before its stores of secrets became one. */
  @Test
  void readsFilesOfAnEarlierVersion() throws Exception {
    Files.writeString(
        folder.resolve("tokens.key"),
        "1d5dc8142e4b3a10d5aea78d635f44687f5dc4adfe30a9392fd7804adb7785d0");
    file(
        "0b4805ad2f3afc624cc4edc60d725500.tokens",
        "544c535550544b312f7da3587b108ce31ccc38a4b11bb9429aee6f6cee9439de4fbdba21093f59ebffc1283e07cb156c4af543a2b22236");
    file(
        "6db484a1b9ba55348f2846e902661aca.tokens",
        "544c535550544b314b364551f9064368d48910bcf55af594b1b23fbe914e549fc4fb5ca3a5b39376e9632eccf265b90d10df6ceb138b7336ba886d09e36d4bdfe3e1");
    TokenStore store = new TokenStore(folder, "contoso", "https://login.example/contoso/ app");

    assertThat(store.read("scanner@contoso.example")).contains("{\"RefreshToken\":{}}");
    assertThat(new StoredToken(store, "all mailboxes").read())
        .contains(new AccessToken("the token", Instant.parse("9999-12-01T10:00:00Z")));
  }

  private void file(String name, String hex) throws Exception {
    Files.write(folder.resolve(name), HexFormat.of().parseHex(hex));
  }

  private static TokenStore store(Path directory, int tenant) {
    return new TokenStore(directory, "tenant" + tenant, "owner " + tenant);
  }
}
