package org.tlsuplift.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

class ManPageTest {
  @Command(
      name = "probe",
      header = "Ask an origin.",
      description = {"Prints what it's got.", ".hidden is no request; a\\b stays."},
      exitCodeListHeading = "Exit codes:%n",
      exitCodeList = {"0:success", "1:failure"},
      footer = {"%nExample:%n  tls-uplift probe a.example"})
  // Picocli reads the annotations only.
  @SuppressWarnings("UnusedVariable")
  private static final class Probe {
    @Parameters(paramLabel = "HOST", description = "The origin, up to 100%%.")
    private String host;

    @Option(
        names = {"-c", "--config"},
        paramLabel = "FILE",
        description = "The configuration.")
    private String config;

    @Option(names = "--secret", hidden = true)
    private boolean secret;
  }

  @Test
  void hasTheHelpOfACommand() {
    CommandLine root = new CommandLine(CommandLine.Model.CommandSpec.create().name("tls-uplift"));
    root.addSubcommand("probe", new Probe());

    ManPage page = ManPage.of(root.getSubcommands().get("probe"), "1.0", "2026-11-26");

    assertThat(page.name()).isEqualTo("tls-uplift-probe");
    assertThat(page.text())
        .startsWith(
            ".TH \"TLS\\-UPLIFT\\-PROBE\" \"1\" \"2026-11-26\" \"tls-uplift 1.0\" \"TLS Uplift\"\n")
        .contains(".SH \"NAME\"\ntls\\-uplift\\-probe \\- Ask an origin.\n")
        .contains("Prints what it\\(aqs got.\n.PP\n\\&.hidden is no request; a\\eb stays.\n")
        .contains(".TP\n\\fIHOST\\fR\nThe origin, up to 100%.\n")
        .contains(".TP\n\\fB\\-c\\fR, \\fB\\-\\-config\\fR \\fIFILE\\fR\nThe configuration.\n")
        .contains(".SH \"EXIT STATUS\"\n.TP\n\\fB0\\fR\nsuccess\n")
        .contains(".SH \"EXAMPLE\"\n.nf\ntls\\-uplift probe a.example\n.fi\n")
        .contains("\\fBtls\\-uplift\\fR(1)")
        .doesNotContain("secret");
  }
}
