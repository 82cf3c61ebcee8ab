package org.tlsuplift.server.manual;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.config.load.ConfigLoader;
import org.tlsuplift.server.testing.GeneratedPage;

/** Writes the manual's page about the configuration from the commented default. */
@OneJdk
class ConfigurationPageTest {
  private static final String HEAD =
      """
      # Configuration

      This page explains every key of the configuration. It has the content of [`tls-uplift.yaml`](../../../../config/tls-uplift.yaml),
      which is the default and the file to copy.

      Editors with the YAML language server, such as VS Code with the extension "YAML", complete and check keys and values, and show
      these explanations. Put [`tls-uplift.schema.json`](../../../../config/tls-uplift.schema.json) beside your file, and keep its
      first line, or write the path of the schema there. The packages have it in `/usr/share/doc/tls-uplift/examples`. The schema
      knows no files and no other limits than those of single keys, so `tls-uplift check` has the last word.

      """;

  @Test
  void thePageOfTheManualIsTheCommentedDefault() throws Exception {
    GeneratedPage.check(
        "configuration",
        HEAD + new ConfigurationPage(ConfigLoader.defaultText()).markdown(),
        ConfigurationPageTest.class);
  }

  @Test
  void showsKeysThatAreSetAndKeysThatAreNot() {
    String page =
        new ConfigurationPage(
                """
                # Title.
                # The whole: 'tls-uplift manual start#x'.

                # How it runs.
                # In two lines.
                run:
                  # One of
                  #   fast   as fast
                  #          as it can
                  #   slow   not so
                  #   "a.b, c" and more
                  #   http://a
                  speed: fast    # see *above*
                  # Left out.
                  #list:
                    #- name: a
                      #size: 1

                #other: [x]      # An <example>,
                                 # over 'two.lines'
                """)
            .markdown();
    assertThat(page)
        .contains(
            "The whole: [`tls-uplift manual start#x`](start.md#x).\n\n## run\n\nHow it runs.\nIn two lines.\n")
        .contains(
            "### run.speed\n\nDefault: `fast`\n\nOne of\n\n- `fast`: as fast as it can\n- `slow`: not so\n- `\"a.b, c\"`: and more\n- `http://a`\n\nsee \\*above\\*\n")
        .contains("### run.list\n\nNot set by default.\n\nLeft out.\n")
        .contains("#### run.list.name\n\nNot set by default. Example: `a`\n")
        .contains(
            "## other\n\nNot set by default. Example: `[x]`\n\nAn \\<example>,\nover `two.lines`\n");
  }
}
