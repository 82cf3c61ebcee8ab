package org.tlsuplift.server.it.device;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.tlsuplift.server.it.device.Device.Way;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.peer.Conversations;

/**
 * A TLS 1.0 session that stays open while others fail, and can be asked whether it still lives.
 *
 * <p>Its origin must {@link Conversations#echo echo}.
 */
public final class Companion implements AutoCloseable {
  private final Child device;
  private int messages;

  private Companion(Child device) {
    this.device = device;
  }

  /** Opens the session, which ends with the lab. */
  public static Companion open(Lab lab, Way way) {
    List<String> command = new ArrayList<>(new OpensslDevice("-tls1", "ALL").command(way));
    command.add("-quiet");
    Companion companion = lab.add(new Companion(Child.start(new ProcessBuilder(command))));
    companion.assertAlive();
    return companion;
  }

  /** Fails unless a new message goes to the origin and back. */
  public void assertAlive() {
    String message = "message " + ++messages + ".";
    device.type(message + "\n");
    device.awaitOutput(Pattern.compile("(?m)^" + Pattern.quote(message)));
  }

  public boolean isOver() {
    return !device.isAlive();
  }

  @Override
  public void close() {
    device.close();
  }
}
