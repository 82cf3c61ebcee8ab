package org.tlsuplift.server.config.load;

import com.fasterxml.jackson.databind.JsonNode;
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
import org.tlsuplift.server.config.ServerConfig;
import org.tlsuplift.server.config.check.ConfigValidator;
import org.tlsuplift.server.config.warn.ConfigWarnings;
import org.tlsuplift.server.config.yaml.ConfigProblem;
import org.tlsuplift.server.config.yaml.InvalidConfigException;
import org.tlsuplift.server.config.yaml.Problems;
import org.tlsuplift.server.config.yaml.Section;
import org.tlsuplift.server.config.yaml.YamlTree;

/**
 * Loads a configuration, or says everything that is wrong with it.
 *
 * <p>Reads the file, and those it names, on the calling thread. Opens no port, asks no name
 * service, and writes nothing.
 */
public final class ConfigLoader {
  private static final String BUILT_IN = "tls-uplift.yaml";
  private static final int MAX_BYTES = 1 << 20;

  private ConfigLoader() {}

  /**
   * Loads a YAML file of at most 1 MiB, in UTF-8.
   *
   * @throws InvalidConfigException when the file cannot be read or what it says cannot be run
   */
  public static LoadedConfig load(Path file) throws InvalidConfigException {
    String source = file.toString();
    try (InputStream content = Files.newInputStream(file)) {
      byte[] bytes = content.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw unreadable(source, "larger than 1 MiB", "give the right file by --config");
      }
      return parse(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString(), source);
    } catch (NoSuchFileException missing) {
      throw unreadable(source, "there is no such file", "give the right file by --config");
    } catch (CharacterCodingException wrong) {
      throw unreadable(source, "not a text in UTF-8", "save it in UTF-8");
    } catch (IOException failed) {
      throw unreadable(
          source, "it cannot be read", "check that it is a file which this user may read");
    }
  }

  /** Loads what runs without a file. */
  public static LoadedConfig loadDefault() throws InvalidConfigException {
    return parse(defaultText(), "the built-in default");
  }

  /** The text of what runs without a file: the manual, to be copied and changed. */
  public static String defaultText() {
    try (InputStream yaml = ConfigLoader.class.getResourceAsStream(BUILT_IN)) {
      return new String(
          Objects.requireNonNull(yaml, BUILT_IN).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException failed) {
      throw new UncheckedIOException("the bundled " + BUILT_IN + " cannot be read", failed);
    }
  }

  /**
   * Loads a text.
   *
   * @param source what to call it in messages
   * @throws InvalidConfigException when what it says cannot be run
   */
  public static LoadedConfig parse(String yaml, String source) throws InvalidConfigException {
    Problems problems = new Problems();
    JsonNode tree = YamlTree.parse(yaml, problems);
    if (problems.errors().isEmpty()) {
      ServerConfig config = ConfigReader.read(new Section(problems, "", tree, Defaults.TREE));
      ConfigValidator.check(config, problems);
      if (problems.errors().isEmpty()) {
        ConfigWarnings.check(config, problems);
        return new LoadedConfig(source, config, problems.warnings());
      }
    }
    throw new InvalidConfigException(source, problems.errors());
  }

  private static InvalidConfigException unreadable(String source, String got, String hint) {
    return new InvalidConfigException(
        source, List.of(new ConfigProblem(source, got, "a YAML file", hint)));
  }

  /** Read once and never changed: the file is long, and each configuration needs it. */
  private static final class Defaults {
    static final JsonNode TREE = YamlTree.parse(defaultText(), new Problems());
  }
}
