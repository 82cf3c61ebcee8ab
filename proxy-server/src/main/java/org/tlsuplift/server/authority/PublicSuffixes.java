package org.tlsuplift.server.authority;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The suffixes under which registries sell names, such as {@code com} and {@code co.uk}
 * (publicsuffix.org), from the list that every Java runtime contains.
 *
 * <p>The list is a zip file with an entry for each top-level domain. Each line of an entry is a
 * rule; a first character of 0 marks a registry's rule.
 */
record PublicSuffixes(Path list) {
  private static final char OF_A_REGISTRY = '\0';

  /** The list in this process's Java runtime. */
  static PublicSuffixes ofThisJava() {
    return new PublicSuffixes(
        Path.of(System.getProperty("java.home"), "lib", "security", "public_suffix_list.dat"));
  }

  /**
   * Whether a registry sells names directly below this name.
   *
   * <p>Without the list, every name with only letters counts, because it may be a top-level domain.
   *
   * @param name a host name in lower case
   */
  boolean contains(String name) {
    String top = name.substring(name.lastIndexOf('.') + 1);
    try (ZipFile zip = new ZipFile(list.toFile())) {
      ZipEntry entry = zip.getEntry(top);
      return entry != null && isSuffix(name, rules(zip, entry));
    } catch (IOException withoutList) {
      return name.chars().allMatch(Character::isLetter);
    }
  }

  private static boolean isSuffix(String name, Set<String> rules) {
    return rules.contains(name) || rules.contains("*." + name.substring(name.indexOf('.') + 1));
  }

  private static Set<String> rules(ZipFile zip, ZipEntry entry) throws IOException {
    try (InputStream content = zip.getInputStream(entry)) {
      return new String(content.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.indexOf(OF_A_REGISTRY) == 0)
          .map(line -> line.substring(1))
          .collect(Collectors.toSet());
    }
  }
}
