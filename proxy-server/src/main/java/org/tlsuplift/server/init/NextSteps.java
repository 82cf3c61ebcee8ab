package org.tlsuplift.server.init;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.tlsuplift.proxy.model.ShortText;
import org.tlsuplift.server.config.SignInConfig;
import org.tlsuplift.server.microsoft365.Cloud;

/** The next steps of the operator, with exact commands and the values to enter in a device. */
final class NextSteps {
  private final List<String> lines = new ArrayList<>();

  private NextSteps() {}

  /**
   * The steps, as lines.
   *
   * @param exported the exported certificate, without its extension
   * @param service whether a service of systemd runs with this configuration
   */
  static List<String> of(Choices choices, Path exported, boolean service) {
    NextSteps steps = new NextSteps();
    String config = " --config " + ShortText.shell(choices.config().toString());
    steps.lines.add("");
    steps.lines.add("Next:");
    Choices.SignIn signIn = choices.signIn();
    if (signIn != null) {
      if (signIn.isPending()) {
        if (!signIn.scripted()) {
          steps.add(
              "Make the scripts for the tenant's administrator, unless they exist:",
              "tls-uplift tenant setup --yes --tenant %s %s--mailboxes ADDRESS,...%s"
                  .formatted(
                      signIn.tenant(),
                      signIn.cloud() == Cloud.WORLDWIDE
                          ? ""
                          : TenantSetup.CLOUD + " " + signIn.cloud().label() + " ",
                      config));
        }
        steps.add(
            "Set the application ID when the tenant's administrator has sent it:",
            "tls-uplift tenant setup --yes --write --tenant %s %s \"LINE OF IDS\"%s"
                .formatted(signIn.tenant(), Interview.APPLICATION_ID, config));
      }
      steps.add(
          "Add an account for a device:",
          "tls-uplift accounts add LOGIN --mailbox ADDRESS" + config);
      if (signIn.flow() == SignInConfig.Flow.DEVICE_CODE) {
        steps.add(
            "Sign in for its mailbox with a code, or with --browser if a policy blocks codes:",
            "tls-uplift accounts sign-in ADDRESS" + config,
            "tls-uplift accounts sign-in --browser ADDRESS" + config);
      }
      steps.add("Check the tenant:", "tls-uplift tenant check --wait" + config);
    }
    steps.add(
        "Start the proxy:",
        service ? "systemctl enable --now tls-uplift" : "tls-uplift run" + config);
    steps.add(
        "Install the CA certificate on the device, and compare the SHA-256 fingerprint:",
        exported + ".cer, .pem or .p7b: see tls-uplift manual install-ca");
    if (choices.has(WayIn.DIRECT_SEND)) {
      steps.add(
          "Add this site's public address to the SPF record of your domain:",
          "see tls-uplift manual direct-send");
    }
    steps.add("Enter in the device:");
    for (Port port : Port.of(choices)) {
      steps.lines.add(
          port == Port.REDIRECTED
              ? "      %s %d (config/nftables)".formatted(port.setting(choices), port.number)
              : "      %s: server %s, port %d"
                  .formatted(port.setting(choices), choices.serverName(), port.number));
    }
    List<String> others = new ArrayList<>(choices.names());
    others.remove(choices.serverName());
    if (!others.isEmpty()) {
      steps.lines.add(
          "    If the device cannot resolve %s, enter %s"
              .formatted(choices.serverName(), String.join(" or ", others)));
    }
    return steps.lines;
  }

  private void add(String what, String... details) {
    lines.add("  - " + what);
    for (String detail : details) {
      lines.add("      " + detail);
    }
  }
}
