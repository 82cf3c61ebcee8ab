package org.tlsuplift.server.command;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.server.http.LoopbackRedirect;
import org.tlsuplift.server.signin.token.AuthorizationRequest;
import org.tlsuplift.server.signin.token.AuthorizationRequest.Response;
import org.tlsuplift.server.signin.token.BrowserSignIn;

/**
 * Waits for a browser that signs in: for its redirect if it runs on this machine, and for the
 * address of its last page, which the operator pastes, if it runs elsewhere. Prints neither code
 * nor state.
 */
final class BrowserRedirect implements BrowserSignIn.Redirect {
  /** As long as a device code is valid. */
  static final Duration LIMIT = Duration.ofMinutes(15);

  private static final int MAX_ATTEMPTS = 10;

  private static final int MAX_INPUTS = 100;

  /** Perhaps in the quotation marks of a mail program; the target of a request has no host. */
  private static final Pattern START = Pattern.compile("[<\"]*(https?:/)?/");

  private final LoopbackRedirect loopback;
  private final Lines lines;
  private final Consumer<String> output;
  private final Duration limit;

  /** What the browser requested, and what the operator pasted. */
  private final BlockingQueue<String> inputs = new ArrayBlockingQueue<>(MAX_INPUTS);

  /** The lines that the operator types or pastes. */
  interface Lines {
    /** Blocks; null at the end. */
    @Nullable String next() throws IOException;
  }

  /**
   * @param output prints a line
   * @param limit for the whole sign-in
   */
  BrowserRedirect(LoopbackRedirect loopback, Lines lines, Consumer<String> output, Duration limit) {
    this.loopback = loopback;
    this.lines = lines;
    this.output = output;
    this.limit = limit;
  }

  /** The terminal, without an echo; otherwise standard input. */
  @SuppressWarnings("SystemConsoleNull")
  static Lines terminal() {
    Console console = System.console();
    if (console != null) {
      return () -> {
        char[] line = console.readPassword();
        return line == null ? null : new String(line);
      };
    }
    return new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()))::readLine;
  }

  @Override
  public String uri() {
    return loopback.uri();
  }

  @Override
  public String await(AuthorizationRequest request) throws OperatorException, InterruptedException {
    loopback.receive(target -> isAnswer(request.read(target)) && inputs.offer(target));
    output.accept(
        "open this address in a browser, and sign in within " + limit.toMinutes() + " minutes:");
    output.accept(request.address());
    output.accept(
        "If the browser runs on this machine, this command then ends by itself. If it runs elsewhere, its last page cannot be loaded: copy the address of that page, which starts with "
            + uri()
            + ", and paste it here. It is not shown.");
    Thread reader = new Thread(this::read, "pasted addresses");
    reader.setDaemon(true);
    reader.start();
    return code(request);
  }

  private String code(AuthorizationRequest request) throws OperatorException, InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    StringBuilder address = new StringBuilder();
    for (int wrong = 0; wrong < MAX_ATTEMPTS; ) {
      String input = inputs.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (input == null) {
        throw new OperatorException(
            "nobody signed in within "
                + limit.toMinutes()
                + " minutes; run the command again; if Microsoft's page showed AADSTS50011, add the redirect URI http://localhost to the application for 'Mobile and desktop applications'");
      }
      String part = input.strip();
      boolean ends = part.isEmpty();
      if (ends && address.length() == 0) {
        continue;
      }
      if (START.matcher(part).lookingAt()) {
        address.setLength(0);
      }
      Response response = request.read(address.append(part).toString());
      if (response instanceof Response.Granted granted) {
        return granted.code();
      } else if (response instanceof Response.Refused refused) {
        throw new OperatorException(refused.why());
      } else if (response instanceof Response.Incomplete && !ends) {
        output.accept("The end of the address is missing. Paste the rest, or the whole address.");
      } else {
        wrong++;
        address.setLength(0);
        output.accept(
            response instanceof Response.Foreign
                ? "This address belongs to another sign-in, such as an earlier one. Open the address above, sign in, and paste the address of the last page."
                : "This is not the whole address of the last page. Copy all of it; it starts with "
                    + uri()
                    + "/?code= and has &state=.");
      }
    }
    throw new OperatorException(
        MAX_ATTEMPTS + " pasted addresses were wrong; run the command again");
  }

  private static boolean isAnswer(Response response) {
    return response instanceof Response.Granted || response instanceof Response.Refused;
  }

  /** Does nothing between two lines, because the terminal has an echo there. */
  private void read() {
    try {
      for (String line = lines.next(); line != null; line = lines.next()) {
        inputs.put(line);
      }
    } catch (IOException closed) {
      output.accept("the terminal cannot be read; this command waits for the browser only");
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }
}
