package org.tlsuplift.server.it.signin;

import java.nio.file.Path;
import java.util.List;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Resources;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.peer.MailOrigin;

/**
 * A modern mail program that signs in with {@code XOAUTH2}, on Python's own libraries.
 *
 * @param lab where its files are
 * @param trusted the PEM file of the only certificate that it trusts
 */
record Xoauth2Program(Lab lab, Path trusted) {
  /** Signs in, or is refused: then its exit code is not zero. */
  Run signIn(MailOrigin origin, String mailbox, String token) {
    return Run.of(
        List.of(
            Peers.require("python3"),
            Resources.path("xoauth2.py").toString(),
            origin.mail().label(),
            origin.form().label(),
            Integer.toString(origin.address().getPort()),
            trusted.toString(),
            mailbox,
            lab.file("token", token).toString()));
  }
}
