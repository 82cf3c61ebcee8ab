package org.tlsuplift.server.config.binding;

/**
 * A YAML text as a tree.
 *
 * @param root missing when the text is empty or wrong
 * @param positions where the keys are written
 */
public record YamlTree(YamlNode root, Positions positions) {
  /** Reads a text; an error of syntax has a position and no key. */
  public static YamlTree parse(String text, Problems problems) {
    YamlReader reader = new YamlReader(text, problems);
    return new YamlTree(reader.read(), reader.positions());
  }
}
