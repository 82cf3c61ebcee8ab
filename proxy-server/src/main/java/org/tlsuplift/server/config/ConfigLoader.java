package org.tlsuplift.server.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.server.config.binding.Binder;
import org.tlsuplift.server.config.binding.ConfigProblem;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.config.binding.JsonSchema;
import org.tlsuplift.server.config.binding.Positions;
import org.tlsuplift.server.config.binding.Problems;
import org.tlsuplift.server.config.binding.Section;
import org.tlsuplift.server.config.binding.YamlTree;

/**
 * Loads a configuration, or reports every error in it.
 *
 * <p>Reads the file, and the files that it names, on the calling thread. Opens no port, resolves no
 * name and writes nothing.
 */
public final class ConfigLoader {
  /** The name of the bundled default, and of the file that {@code init} writes. */
  public static final String USUAL = "tls-uplift.yaml";

  private static final int MAX_BYTES = 1 << 20;

  private ConfigLoader() {}

  /**
   * Loads a YAML file of at most 1 MiB, in UTF-8.
   *
   * @throws InvalidConfigException if the file cannot be read or has errors
   */
  public static LoadedConfig load(Path file) throws InvalidConfigException {
    return parse(read(file), file.toString());
  }

  /**
   * Finds the data directory of a configuration that has errors, so that a command can reach the
   * daemon. If the text is not valid YAML, only the line with the key is read.
   *
   * @throws InvalidConfigException if the file cannot be read
   */
  public static Path dataDirectory(Path file) throws InvalidConfigException {
    String text = read(file);
    Problems problems = new Problems();
    YamlTree yaml = YamlTree.parse(text, problems);
    if (!problems.errors().isEmpty()) {
      String line =
          text.lines().filter(each -> each.startsWith("dataDirectory:")).findFirst().orElse("");
      yaml = YamlTree.parse(line, new Problems());
    }
    return bound(yaml, new Problems()).dataDirectory();
  }

  /**
   * Finds the files that a configuration names, also one that has errors or is of another machine.
   * Empty if it cannot be read.
   */
  public static List<Path> namedFiles(Path file) {
    try {
      Problems problems = new Problems();
      YamlTree yaml = YamlTree.parse(read(file), problems);
      return !problems.errors().isEmpty() ? List.of() : NamedFiles.allOf(bound(yaml, problems));
    } catch (InvalidConfigException unreadable) {
      return List.of();
    }
  }

  /**
   * Loads a configuration of another machine: the files that it names need not exist here.
   *
   * @throws InvalidConfigException if it cannot be read or has errors
   */
  public static ServerConfig elsewhere(Path file) throws InvalidConfigException {
    Problems problems = new Problems();
    YamlTree yaml = YamlTree.parse(read(file), problems);
    if (problems.errors().isEmpty()) {
      ServerConfig config = bound(yaml, problems);
      if (problems.errors().isEmpty()) {
        return config;
      }
    }
    throw new InvalidConfigException(file.toString(), yaml.positions().locate(problems.errors()));
  }

  private static String read(Path file) throws InvalidConfigException {
    String source = file.toString();
    try (InputStream content = Files.newInputStream(file)) {
      byte[] bytes = content.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw unreadable(
            source, "the file is larger than 1 MiB", "set --config to the configuration file");
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (NoSuchFileException missing) {
      throw unreadable(source, "no such file", "set --config to the configuration file");
    } catch (CharacterCodingException wrong) {
      throw unreadable(source, "the file is not UTF-8 text", "save it as UTF-8");
    } catch (IOException failed) {
      throw unreadable(
          source,
          "the file cannot be read",
          "check that it is a file and that this user may read it");
    }
  }

  /**
   * Reads a file, or the built-in default.
   *
   * @param file null for the built-in default
   */
  public static LoadedConfig loadOrDefault(@Nullable String file) throws InvalidConfigException {
    return file == null ? loadDefault() : load(Path.of(file));
  }

  /** Loads the built-in default; its problems have no positions. */
  public static LoadedConfig loadDefault() throws InvalidConfigException {
    return loadDefault(Path.of(""));
  }

  /**
   * @param here the working directory: people expect that a file of the usual name there is read
   */
  static LoadedConfig loadDefault(Path here) throws InvalidConfigException {
    Problems problems = new Problems();
    if (Files.exists(here.resolve(USUAL))) {
      problems.warning(USUAL, "this file here was not read", "to use it, set --config " + USUAL);
    }
    YamlTree yaml = YamlTree.parse(defaultText(), problems);
    return checked(new YamlTree(yaml.root(), Positions.NONE), "the built-in default", problems);
  }

  /** The text of the built-in default, {@code config/tls-uplift.yaml}. */
  public static String defaultText() {
    try (InputStream yaml = ConfigLoader.class.getResourceAsStream(USUAL)) {
      return new String(Objects.requireNonNull(yaml, USUAL).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException failed) {
      throw new UncheckedIOException("the bundled " + USUAL + " cannot be read", failed);
    }
  }

  /** The JSON schema of the configuration. */
  public static JsonSchema schema() {
    String text = defaultText();
    return new JsonSchema(
        ServerConfig.class,
        "TLS Uplift configuration",
        text,
        new ConfigurationPage(text).descriptions());
  }

  /**
   * Loads a text.
   *
   * @param source its name in messages
   * @throws InvalidConfigException if it has errors
   */
  public static LoadedConfig parse(String text, String source) throws InvalidConfigException {
    Problems problems = new Problems();
    return checked(YamlTree.parse(text, problems), source, problems);
  }

  private static LoadedConfig checked(YamlTree yaml, String source, Problems problems)
      throws InvalidConfigException {
    if (problems.errors().isEmpty()) {
      ServerConfig config = bound(yaml, problems);
      ConfigValidator.check(config, problems);
      if (problems.errors().isEmpty()) {
        ConfigWarnings.check(config, problems);
        return new LoadedConfig(source, config, yaml, yaml.positions().locate(problems.warnings()));
      }
    }
    throw new InvalidConfigException(source, yaml.positions().locate(problems.errors()));
  }

  private static ServerConfig bound(YamlTree yaml, Problems problems) {
    return Binder.bind(
        new Section(problems, "", yaml.root(), Defaults.YAML.root()), ServerConfig.class);
  }

  private static InvalidConfigException unreadable(String source, String got, String hint) {
    return new InvalidConfigException(
        source, List.of(new ConfigProblem("", got, "a YAML file", hint)));
  }

  /** Parsed once: the file is long, and each configuration needs it. */
  private static final class Defaults {
    static final YamlTree YAML = YamlTree.parse(defaultText(), new Problems());
  }
}
