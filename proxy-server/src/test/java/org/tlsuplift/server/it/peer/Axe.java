package org.tlsuplift.server.it.peer;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.openqa.selenium.JavascriptExecutor;

/** Looks for what keeps people out of a page, by axe-core. */
final class Axe {
  private static final String SCRIPT = script();

  /** Nothing is fetched for it: the page's own policy holds, and so does the test's. */
  private static final String LOOK =
      """
      const done = arguments[arguments.length - 1];
      document.querySelectorAll('details').forEach(details => details.open = true);
      axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], resultTypes: ['violations'], preload: false
      }).then(
        found => done(found.violations.flatMap(rule => rule.nodes.map(
          node => rule.id + ' at ' + node.target.join(' ') + ': ' + node.failureSummary))),
        failed => done([String(failed)]));
      """;

  private Axe() {}

  /** Where a page breaks rules of WCAG 2.1, levels A and AA, as far as a program can tell. */
  static List<String> barriers(JavascriptExecutor page) {
    if (!Boolean.TRUE.equals(page.executeScript("return 'axe' in window"))) {
      page.executeScript(SCRIPT);
    }
    List<?> found = (List<?>) Objects.requireNonNull(page.executeAsyncScript(LOOK));
    return found.stream().map(String::valueOf).toList();
  }

  private static String script() {
    try (InputStream in = Axe.class.getResourceAsStream("/axe.min.js")) {
      return new String(
          Objects.requireNonNull(in, "axe.min.js").readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
