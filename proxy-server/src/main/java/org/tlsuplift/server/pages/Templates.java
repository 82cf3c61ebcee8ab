package org.tlsuplift.server.pages;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import java.util.Map;

/** Renders pages by the templates in {@code src/main/jte}, which were compiled with the program. */
final class Templates {
  private final TemplateEngine engine =
      TemplateEngine.createPrecompiled(
          null,
          ContentType.Html,
          Templates.class.getClassLoader(),
          Templates.class.getPackageName());
  private final Assets assets;

  Templates(Assets assets) {
    this.assets = assets;
  }

  /**
   * Renders a page.
   *
   * @param template the name of its file
   * @param page what it shows
   */
  String render(String template, Record page) {
    StringOutput out = new StringOutput(1 << 15);
    engine.render(template + ".jte", Map.of("page", page, "assets", assets), out);
    return out.toString();
  }
}
