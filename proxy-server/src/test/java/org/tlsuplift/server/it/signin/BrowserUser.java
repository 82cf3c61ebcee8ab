package org.tlsuplift.server.it.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.StringWriter;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.CommandLineRun;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.testing.AtOnce;

/** Somebody who runs {@code accounts sign-in} beside a daemon, and does what it asks for. */
final class BrowserUser {
  private static final Pattern INVITATION =
      Pattern.compile("open (https://\\S+) and enter the code (\\S+) within");

  private BrowserUser() {}

  /** Signs in for a mailbox, as its user. */
  static void signIn(Daemon daemon, CloudTenant tenant, String mailbox) {
    StringWriter output = new StringWriter();
    CompletableFuture<Run> command =
        AtOnce.supply(() -> CommandLineRun.of(output, command(daemon, mailbox)));
    await("the invitation of the command")
        .until(() -> command.isDone() || INVITATION.matcher(output.toString()).find());
    Matcher invitation = INVITATION.matcher(output.toString());
    assertThat(invitation.find()).as(output.toString()).isTrue();
    accept(invitation, tenant, mailbox);
    assertSignedIn(command.join().succeeded().output(), mailbox);
  }

  /** Signs a user in with the command of the shipped jar. */
  static void signInByTheJar(Lab lab, Daemon daemon, CloudTenant tenant, String mailbox) {
    Child command = lab.add(Child.start(new ProcessBuilder(Daemon.jar(command(daemon, mailbox)))));
    accept(command.awaitOutput(INVITATION), tenant, mailbox);
    assertThat(command.awaitExit()).as(command.toString()).isZero();
    assertSignedIn(command.output(), mailbox);
  }

  private static String[] command(Daemon daemon, String mailbox) {
    String config = Daemon.config(daemon.folder()).toString();
    return new String[] {"accounts", "sign-in", mailbox, "--config", config};
  }

  private static void accept(Matcher invitation, CloudTenant tenant, String mailbox) {
    assertThat(invitation.group(1)).isEqualTo("https://microsoft.com/devicelogin");
    tenant.platform().approve(invitation.group(2), mailbox);
  }

  private static void assertSignedIn(String output, String mailbox) {
    assertThat(output).contains(mailbox + " has signed in for " + mailbox);
  }
}
