package org.tlsuplift.server.it.signin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;

/** Somebody who runs {@code accounts sign-in} beside a daemon, and does what it asks for. */
final class BrowserUser {
  private static final Pattern INVITATION =
      Pattern.compile("open (https://\\S+) and enter the code (\\S+) within");

  private BrowserUser() {}

  /** Signs in for a mailbox, as its user. */
  static void signIn(Lab lab, Daemon daemon, CloudTenant tenant, String mailbox) {
    Child command =
        lab.add(
            Child.start(
                new ProcessBuilder(
                    Daemon.jar(
                        "accounts",
                        "sign-in",
                        mailbox,
                        "--config",
                        Daemon.config(daemon.folder()).toString()))));
    Matcher invitation = command.awaitOutput(INVITATION);
    assertThat(invitation.group(1)).isEqualTo("https://microsoft.com/devicelogin");
    tenant.platform().approve(invitation.group(2), mailbox);
    assertThat(command.awaitExit()).as(command.toString()).isZero();
    assertThat(command.output()).contains(mailbox + " has signed in for " + mailbox);
  }
}
