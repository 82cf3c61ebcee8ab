package org.tlsuplift.server.manual;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.ConfigurationPage;
import org.tlsuplift.server.testing.GeneratedPage;

/** Writes the manual's page about the configuration from the commented default. */
@OneJdk
class ConfigurationPageTest {
  @Test
  void thePageOfTheManualIsTheCommentedDefault() throws Exception {
    GeneratedPage.check(
        "configuration",
        new ConfigurationPage(ConfigLoader.defaultText()).page(),
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
