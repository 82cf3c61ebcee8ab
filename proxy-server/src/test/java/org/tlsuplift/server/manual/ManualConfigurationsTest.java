package org.tlsuplift.server.manual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.binding.InvalidConfigException;
import org.tlsuplift.server.mapping.ConfigMapper;
import org.tlsuplift.server.testing.SchemaAgreement;

/** Every configuration in README.md and in the manual can be loaded. */
@OneJdk
class ManualConfigurationsTest {
  private static final String LISTENERS =
      """
      listeners:
        - {name: web, bind: "0.0.0.0:3128", accept: http-connect, profile: legacy}
      """;

  @TempDir
  @SuppressWarnings("NullAway.Init")
  static Path directory;

  static List<CodeBlock> blocks() throws IOException {
    return CodeBlock.of("yaml").stream().filter(block -> !block.says("config", "no")).toList();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("blocks")
  void isLoaded(CodeBlock block) throws Exception {
    String yaml = new NamedFiles(directory).in(whole(block));
    String error = block.words().get("error");
    if (error == null) {
      ConfigMapper.map(ConfigLoader.parse(yaml, block.toString()));
      SchemaAgreement.accepted(yaml);
    } else {
      assertThat(error).as("%s: words of the error", block).isNotEmpty();
      assertThatThrownBy(() -> ConfigLoader.parse(yaml, block.toString()))
          .isInstanceOf(InvalidConfigException.class)
          .hasMessageContaining(error);
    }
  }

  /**
   * With what the block leaves out: the key of its items, or the listeners, which have no default.
   */
  private static String whole(CodeBlock block) {
    String key = block.words().get("at");
    String yaml = key == null ? block.code() : key + ":\n" + block.code().indent(2);
    return yaml.lines().anyMatch(line -> line.startsWith("listeners:")) ? yaml : yaml + LISTENERS;
  }
}
