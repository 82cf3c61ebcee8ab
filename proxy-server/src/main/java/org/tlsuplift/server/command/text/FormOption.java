package org.tlsuplift.server.command.text;

import picocli.CommandLine.Option;

/** The option for a form that programs read; without it, people read the output. */
public final class FormOption {
  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Option(names = "--csv", description = "Print CSV.")
  private boolean csv;

  public boolean json() {
    return json;
  }

  public boolean csv() {
    return csv;
  }
}
