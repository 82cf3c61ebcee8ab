package org.tlsuplift.server.it.lab;

import java.net.InetSocketAddress;
import java.util.List;

/** Where a program runs: on this machine, or in a network of the test's own. */
public interface Machine {
  /** This one, with its loopback. */
  Machine HERE =
      new Machine() {
        @Override
        public List<String> command(List<String> program) {
          return program;
        }

        @Override
        public boolean accepts(InetSocketAddress address) {
          return Loopback.accepts(address);
        }
      };

  /** The command that runs a program there. */
  List<String> command(List<String> program);

  /** Whether somebody accepts connections there, asked from there. */
  boolean accepts(InetSocketAddress address);
}
