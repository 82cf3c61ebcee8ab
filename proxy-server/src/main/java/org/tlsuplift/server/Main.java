package org.tlsuplift.server;

/** x. */
public final class Main {
  private Main() {}

  /** x. */
  public static void main(String[] a) {}
}
