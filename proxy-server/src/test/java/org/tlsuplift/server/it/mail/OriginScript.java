package org.tlsuplift.server.it.mail;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;

/** What an origin says that no real mail server would, line by line. */
public final class OriginScript {
  private final String greeting;
  private final String[] commandsAndReplies;
  private final Queue<String> received = new ConcurrentLinkedQueue<>();

  /**
   * Creates a script.
   *
   * @param greeting the first line; may be empty
   * @param commandsAndReplies pairs of the start of a command (after the tag of IMAP) and its
   *     reply, in which {@code %t} is the tag; other commands get no reply
   */
  public OriginScript(String greeting, String... commandsAndReplies) {
    this.greeting = greeting;
    this.commandsAndReplies = commandsAndReplies;
  }

  /** All lines that have come, from everybody. */
  String received() {
    return String.join("\n", received);
  }

  /** Talks until the other side ends. */
  public void hold(Socket socket) throws IOException {
    say(socket, greeting);
    var in =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      received.add(line);
      say(socket, replyTo(line));
    }
  }

  private String replyTo(String line) {
    for (int i = 0; i < commandsAndReplies.length; i += 2) {
      String command = "(?i)(\\S+ )?" + Pattern.quote(commandsAndReplies[i]) + ".*";
      if (line.matches(command)) {
        return commandsAndReplies[i + 1].replace("%t", line.split(" ", 2)[0]);
      }
    }
    return "";
  }

  private static void say(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
  }
}
