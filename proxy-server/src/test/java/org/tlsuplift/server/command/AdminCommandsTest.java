package org.tlsuplift.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.server.signin.PasswordHash;
import picocli.CommandLine;

class AdminCommandsTest {
  @TempDir Path directory;

  private static String hash(String input) {
    StringWriter printed = new StringWriter();
    CommandLine line =
        new CommandLine(
                new AdminHashCommand(
                    () -> new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8))))
            .setOut(new PrintWriter(printed))
            .setExecutionExceptionHandler(
                (failure, command, result) -> {
                  printed.write(String.valueOf(failure.getMessage()));
                  return 1;
                });
    line.execute();
    return printed.toString();
  }

  @Test
  void hashesThePasswordOfTheFirstLine() {
    String printed = hash("correct horse ü\nnot this\n");

    assertThat(printed).startsWith("passwordHash: $argon2id$").hasLineCount(1);
    PasswordHash hash = PasswordHash.parse(printed.strip().substring("passwordHash: ".length()));
    assertThat(hash.matches("correct horse ü".toCharArray())).isTrue();
  }

  @Test
  void refusesNoPasswordAndShortOnes() {
    assertThat(hash("")).contains("standard input has no password");
    assertThat(hash("secret\n")).contains("has 6 characters").doesNotContain("secret");
  }

  @Test
  void makesATokenWithItsDigest() throws Exception {
    CommandRun run = CommandRun.of("admin", "token");

    List<String> lines = run.out().lines().toList();
    String token = lines.get(0).substring("token: ".length());
    assertThat(token).matches("tlsuplift_[A-Za-z0-9_-]{43}");
    assertThat(lines.get(1))
        .isEqualTo(
            "sha256: \""
                + HexFormat.of()
                    .formatHex(
                        MessageDigest.getInstance("SHA-256")
                            .digest(token.getBytes(StandardCharsets.US_ASCII)))
                + "\"");
    assertThat(CommandRun.of("admin", "token").out()).isNotEqualTo(run.out());
  }

  @Test
  void checkShowsHowTheAdminPortIsProtected() throws Exception {
    String config =
        Configs.write(
            directory,
            "admin: {bind: '0.0.0.0:9464', tls: auto, serverNames: [uplift.example], tokens: [{name: prometheus, sha256: "
                + "a".repeat(64)
                + "}]}");

    assertThat(CommandRun.of("check", "-c", config).out())
        .contains(
            "admin: https://0.0.0.0:9464/metrics, TLS 1.2 and 1.3 with a certificate from the CA, for prometheus (token); also known as uplift.example");
  }
}
