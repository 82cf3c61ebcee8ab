package org.tlsuplift.server.manual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Markdown as HTML and as text. */
class MarkdownPageTest {
  private static ManualPage page(String content) {
    return MarkdownPage.parse("a", "# Title\n\n" + content).page();
  }

  @ParameterizedTest
  @CsvSource({
    "no_route, no_route",
    "535 5.7.139, 535-57139",
    "`listeners[].bind` and more, listenersbind-and-more",
    "What's *new*?, whats-new",
    "Scan to e-mail, scan-to-e-mail"
  })
  void anchorsAreThoseOfGithub(String heading, String anchor) {
    assertThat(page("## " + heading).sections().get(0).anchor()).isEqualTo(anchor);
    assertThat(page("## " + heading).html()).contains("<h2 id=\"" + anchor + "\">");
  }

  @Test
  void equalHeadingsGetDifferentAnchors() {
    assertThat(page("## A\n\n## A\n").sections())
        .extracting(ManualPage.Section::anchor)
        .containsExactly("a", "a-1");
  }

  @ParameterizedTest
  @CsvSource({
    "install-ca.md, /manual/install-ca",
    "install-ca.md#brother, /manual/install-ca#brother",
    "#below, #below",
    "index.md, /manual",
    "../../../../config/haproxy/haproxy.cfg, /manual/config/haproxy/haproxy.cfg",
    "https://learn.microsoft.com/a, https://learn.microsoft.com/a"
  })
  void linksLeadToTheAdminPort(String written, String address) {
    assertThat(page("[x](" + written + ")").html()).contains("href=\"" + address + "\"");
  }

  @Test
  void imagesAreServedToo() {
    assertThat(page("![How](overview.svg)").html())
        .contains("<img src=\"/manual/overview.svg\" alt=\"How\"");
  }

  @Test
  void linksToFilesOutsideTheJarAreText() {
    assertThat(page("[x](../../bench/README.md)").html()).contains("<a rel=\"nofollow\">x</a>");
    assertThat(page("[x](javascript:alert(1))").html()).doesNotContain("javascript");
  }

  @Test
  void rawHtmlIsShownAsText() {
    assertThat(page("a <b onclick='x'>b</b>\n\n<script>alert(1)</script>\n").html())
        .contains("&lt;b onclick", "&lt;script&gt;")
        .doesNotContain("<script", "<b ");
  }

  @Test
  void tablesScrollInABoxOfTheirOwn() {
    assertThat(page("| a | b |\n|---|---|\n| 1 | 2 |\n\n| c |\n|---|\n| 3 |\n").html())
        .contains("<div class=\"scroll\"", "aria-label=\"Table 1\"", "aria-label=\"Table 2\"")
        .contains("<table class=\"striped\">", "</table></div>");
  }

  @Test
  void thePageWithoutTitleIsRefused() {
    assertThatIllegalStateException()
        .isThrownBy(() -> MarkdownPage.parse("a", "Text.\n").page())
        .withMessageContaining("a.md");
  }

  @Test
  void textIsWrappedAndLinksAreCommands() {
    String text =
        page("""
                One sentence that is too long for a line, with [the CA](install-ca.md#x) and [a file](../../../../config/alerts.yml).

                1. First
                   more
                2. Second `code`

                   ```sh
                   tls-uplift check   --config a-very-long-name-that-is-longer-than-a-line.yaml
                   ```
                """)
            .text()
            .all(40);
    assertThat(text)
        .isEqualTo(
            """
            # Title

            One sentence that is too long for a
            line, with the CA (tls-uplift manual
            install-ca#x) and a file (tls-uplift
            manual --file config/alerts.yml).

            1. First more

            2. Second `code`

                   tls-uplift check   --config a-very-long-name-that-is-longer-than-a-line.yaml"""
                .stripTrailing());
  }

  @Test
  void tablesAreColumnsIfTheyFitAndListsOtherwise() {
    String table = "| name | meaning |\n|---|---|\n| `a` | first |\n| b | second and last |\n";
    assertThat(page(table).text().all(40))
        .endsWith("name  meaning\n----  ---------------\n`a`   first\nb     second and last");
    assertThat(page(table).text().all(20))
        .endsWith("* `a`\n    meaning: first\n* b\n    meaning: second\n    and last");
  }

  @Test
  void aSectionEndsBeforeTheNextOfItsLevel() {
    ManualPage page = page("## A\n\ntext\n\n### B\n\nmore\n\n## C\n\nelse\n");
    assertThat(page.text().section("a", 80)).isEqualTo("## A\n\ntext\n\n### B\n\nmore");
    assertThat(page.text().section("b", 80)).isEqualTo("### B\n\nmore");
  }
}
