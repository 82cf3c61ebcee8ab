package org.tlsuplift.server;

import org.tlsuplift.server.command.UpliftCommand;

/** Where the program starts, and the only place that ends the process. */
public final class Main {
  private Main() {}

  /** Runs one command and exits with its code. */
  public static void main(String[] args) {
    System.exit(UpliftCommand.line(new ProcessSignals()).execute(args));
  }
}
