package org.tlsuplift.server.it.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.StringWriter;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.lab.CommandLineRun;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Run;
import org.tlsuplift.server.it.peer.Browser;
import org.tlsuplift.server.testing.AtOnce;

/** A user signs in with Chromium, whose redirect ends the command on the same machine. */
class SignInRedirectIT {
  private static final Pattern ADDRESS = Pattern.compile("\n(https://\\S+/authorize\\S+)\n");
  private static final String MAILBOX = "scanner@corp.example";

  @RegisterExtension static final Lab lab = new Lab();

  @Test
  void theRedirectOfChromiumEndsTheSignIn() {
    Browser.require();
    CloudTenant tenant = CloudTenant.start(lab);
    Path config = config(tenant);
    Browser browser = Browser.acceptingAllCertificates(lab, tenant.platform().url());

    StringWriter declined = new StringWriter();
    CompletableFuture<Run> first = command(config, declined);
    open(browser, tenant, declined, first);
    browser.element("#cancel").click();
    assertThat(first.join().exit()).isEqualTo(1);
    assertThat(declined.toString()).endsWith("the user declined the sign-in\n");

    StringWriter output = new StringWriter();
    CompletableFuture<Run> command = command(config, output);
    open(browser, tenant, output, command);
    browser.element("#user").sendKeys(MAILBOX);
    browser.element("#sign-in").click();
    await()
        .ignoreExceptions()
        .until(() -> browser.element("body").getText().contains("Return to the terminal"));
    assertThat(command.join().succeeded().output())
        .endsWith(MAILBOX + " has signed in for " + MAILBOX + "\n");
    assertThat(tenant.platform().issued()).isNotEmpty().noneMatch(output.toString()::contains);
  }

  private static CompletableFuture<Run> command(Path config, StringWriter output) {
    return AtOnce.supply(
        () ->
            CommandLineRun.of(
                output, "accounts", "sign-in", "--browser", "-c", config.toString(), MAILBOX));
  }

  private static void open(
      Browser browser, CloudTenant tenant, StringWriter output, CompletableFuture<Run> command) {
    await().until(() -> command.isDone() || ADDRESS.matcher(output.toString()).find());
    Matcher address = ADDRESS.matcher(output.toString());
    assertThat(address.find()).as(output.toString()).isTrue();
    browser.open(address.group(1).substring(tenant.platform().url().length()));
  }

  private static Path config(CloudTenant tenant) {
    return Lab.privately(
        lab.file(
            "tls-uplift.yaml",
            """
            dataDirectory: %s
            listeners:
              - {name: mail, bind: "127.0.0.1:0", accept: fixed, origin: "smtp.office365.com:587", protocol: smtp, profile: legacy, signIn: true}
            upstream: {trust: "%s"}
            signIn:
              tenant: %s
              applicationId: %s
              flow: device-code
              authority: "%s"
              accounts: [{devices: [10.1.2.0/24], mailbox: %s}]
            """
                .formatted(
                    lab.directory("data"),
                    tenant.ca().file(),
                    tenant.platform().tenant(),
                    tenant.app().id(),
                    tenant.platform().url(),
                    MAILBOX)));
  }
}
