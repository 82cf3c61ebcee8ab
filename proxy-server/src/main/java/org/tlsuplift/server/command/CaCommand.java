package org.tlsuplift.server.command;

import org.tlsuplift.server.terminal.CommandGroup;
import picocli.CommandLine.Command;

/** Groups the commands for CAs. */
@Command(
    name = "ca",
    header = "Show, export or replace the certificate authority that devices must trust.",
    description = {
      "To replace it without a gap: 'ca stage' makes the next CA, and 'ca export' writes both"
          + " certificates for the devices. When the devices have the next CA, run 'ca activate'"
          + " to sign with it. 'ca undo' goes back. At the end, 'ca retire' erases the old key."
    })
public final class CaCommand extends CommandGroup {}
