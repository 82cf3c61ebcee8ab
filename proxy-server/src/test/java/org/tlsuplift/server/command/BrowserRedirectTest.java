package org.tlsuplift.server.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.signin.TokenResult;
import org.tlsuplift.server.http.LoopbackRedirect;
import org.tlsuplift.server.signin.token.UserSignInRig;
import org.tlsuplift.server.testing.AtOnce;

/** A user signs in, and the browser or the operator brings the code. */
class BrowserRedirectTest {
  private static final String MAILBOX = "scanner@corp.example";
  private static final String END = "the end of the input";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  Path directory;

  @SuppressWarnings("NullAway.Init")
  private UserSignInRig rig;

  @BeforeEach
  void start() {
    rig = new UserSignInRig(directory);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  /** A command that waits for a browser. */
  private final class Waiting implements AutoCloseable {
    private final LoopbackRedirect loopback;
    private final BlockingQueue<String> pasted = new LinkedBlockingQueue<>();
    private final List<String> printed = new CopyOnWriteArrayList<>();
    private final CompletableFuture<String> user;

    Waiting(Duration limit) throws OperatorException {
      loopback = LoopbackRedirect.open();
      user = AtOnce.supply(() -> signIn(limit));
    }

    private String signIn(Duration limit) {
      try {
        return rig.browser()
            .signIn(MAILBOX, new BrowserRedirect(loopback, this::line, printed::add, limit));
      } catch (OperatorException | InterruptedException failed) {
        throw new CompletionException(failed);
      }
    }

    private @Nullable String line() {
      try {
        String line = pasted.take();
        return line.equals(END) ? null : line;
      } catch (InterruptedException ended) {
        throw new IllegalStateException(ended);
      }
    }

    Waiting() throws OperatorException {
      this(Duration.ofMinutes(15));
    }

    String address() {
      await().until(() -> user.isDone() || printed.size() >= 3);
      return printed.get(1);
    }

    /** Where the browser goes after a user has signed in. */
    String redirect() {
      return rig.platform().signIn(address(), MAILBOX);
    }

    void paste(String... lines) {
      pasted.addAll(List.of(lines));
    }

    void awaitLine(int number, String part) {
      await().until(() -> printed.size() >= number);
      assertThat(printed.get(number - 1)).contains(part);
    }

    String user() throws Exception {
      return user.get(60, TimeUnit.SECONDS);
    }

    void assertFails(String message) {
      assertThatThrownBy(this::user)
          .isInstanceOf(ExecutionException.class)
          .rootCause()
          .isInstanceOf(OperatorException.class)
          .hasMessage(message);
    }

    @Override
    public void close() {
      paste(END);
      loopback.close();
    }
  }

  @Test
  void theBrowserOfThisMachineEndsTheSignIn() throws Exception {
    try (Waiting command = new Waiting()) {
      assertThat(get(command.redirect())).isEqualTo(200);
      assertThat(command.user()).isEqualTo(MAILBOX);
      assertThat(command.printed)
          .hasSize(3)
          .first()
          .isEqualTo("open this address in a browser, and sign in within 15 minutes:");
      assertThat(command.printed.get(2)).contains(command.loopback.uri());
    }
    assertThat(rig.token(MAILBOX)).isInstanceOf(TokenResult.Issued.class);
  }

  @Test
  void aPastedAddressEndsTheSignIn() throws Exception {
    try (Waiting command = new Waiting()) {
      command.paste("", " " + command.redirect() + " ");
      assertThat(command.user()).isEqualTo(MAILBOX);
      assertThat(command.printed).hasSize(3);
    }
    assertThat(rig.token(MAILBOX)).isInstanceOf(TokenResult.Issued.class);
  }

  @Test
  void aPastedAddressMayHaveSpacesAndLineBreaks() throws Exception {
    try (Waiting command = new Waiting()) {
      String address = command.redirect();
      int state = address.indexOf("&state=") + 20;
      command.paste(
          "<" + address.substring(0, 30),
          "  " + address.substring(30, 60) + " " + address.substring(60, 400),
          address.substring(400, state));
      command.awaitLine(6, "The end of the address is missing");
      command.paste(address.substring(state) + ">");
      assertThat(command.user()).isEqualTo(MAILBOX);
    }
  }

  @Test
  void wrongAddressesAreAskedForAgain() throws Exception {
    try (Waiting command = new Waiting();
        Waiting earlier = new Waiting()) {
      String old = earlier.redirect();
      String right = command.redirect();
      command.paste(old);
      command.awaitLine(4, "belongs to another sign-in, such as an earlier one");
      command.paste(right.replaceFirst("state=..", "state=xx"));
      command.awaitLine(5, "belongs to another sign-in");
      command.paste(command.address());
      command.awaitLine(6, "This is not the whole address of the last page");
      command.paste(right.substring(0, 100), "");
      command.awaitLine(7, "The end of the address is missing");
      command.awaitLine(8, "This is not the whole address of the last page");
      String code = right.replaceAll(".*[?&]code=([^&]*).*", "$1");
      assertThat(command.printed).noneMatch(line -> line.contains(code.substring(0, 20)));
      command.paste(right);
      assertThat(command.user()).isEqualTo(MAILBOX);
    }
  }

  @Test
  void tenWrongAddressesEndTheSignIn() throws Exception {
    try (Waiting command = new Waiting()) {
      for (int i = 0; i < 10; i++) {
        command.paste("https://portal.azure.com/");
      }
      command.assertFails("10 pasted addresses were wrong; run the command again");
    }
  }

  @Test
  void forgedRedirectsDoNotEndTheSignIn() throws Exception {
    try (Waiting command = new Waiting()) {
      String right = command.redirect();
      assertThat(get(right.replaceFirst("state=..", "state=xx"))).isEqualTo(400);
      assertThat(get(right.replaceFirst("&state=[^&]*", ""))).isEqualTo(400);
      assertThat(get(command.loopback.uri() + "/?error=access_denied&state=x")).isEqualTo(400);
      assertThat(get(command.loopback.uri() + "/")).isEqualTo(400);
      // A browser that is closed in the middle of its request.
      try (Socket closed = new Socket("127.0.0.1", URI.create(right).getPort())) {
        closed.getOutputStream().write("GET /?code=".getBytes(StandardCharsets.US_ASCII));
      }
      assertThat(command.user).isNotDone();
      assertThat(get(right)).isEqualTo(200);
      assertThat(command.user()).isEqualTo(MAILBOX);
    }
  }

  @Test
  void twoSignInsAtOnceKeepTheirOwnRedirects() throws Exception {
    try (Waiting one = new Waiting();
        Waiting two = new Waiting()) {
      String first = one.redirect();
      String second = two.redirect();
      assertThat(get(second.replaceFirst("http://localhost:[0-9]+", one.loopback.uri())))
          .isEqualTo(400);
      two.paste(first);
      two.awaitLine(4, "belongs to another sign-in");
      assertThat(get(second)).isEqualTo(200);
      assertThat(get(first)).isEqualTo(200);
      assertThat(one.user()).isEqualTo(MAILBOX);
      assertThat(two.user()).isEqualTo(MAILBOX);
    }
  }

  @Test
  void aUserWhoDeclinesEndsTheSignIn() throws Exception {
    try (Waiting command = new Waiting()) {
      assertThat(get(rig.platform().declineSignIn(command.address()))).isEqualTo(200);
      command.assertFails("the user declined the sign-in");
    }
    try (Waiting command = new Waiting()) {
      command.paste(rig.platform().declineSignIn(command.address()));
      command.assertFails("the user declined the sign-in");
    }
  }

  @Test
  void aClosedBrowserEndsTheSignInAfterTheLimit() throws Exception {
    rig.app().removeRedirect();
    try (Waiting command = new Waiting(Duration.ofMillis(500))) {
      assertThat(rig.platform().signInError(command.address())).startsWith("AADSTS50011");
      command.assertFails(
          "nobody signed in within 0 minutes; run the command again; if Microsoft's page showed AADSTS50011, add the redirect URI http://localhost to the application for 'Mobile and desktop applications'");
    }
  }

  @Test
  void withoutATerminalTheBrowserIsEnough() throws Exception {
    try (Waiting command = new Waiting()) {
      command.paste(END);
      assertThat(get(command.redirect())).isEqualTo(200);
      assertThat(command.user()).isEqualTo(MAILBOX);
    }
  }

  private static int get(String address) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(address)).build(),
            HttpResponse.BodyHandlers.ofString())
        .statusCode();
  }
}
