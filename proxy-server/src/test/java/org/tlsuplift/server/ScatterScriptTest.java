package org.tlsuplift.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.testing.OneJdk;
import org.tlsuplift.server.it.lab.Peers;

/** The script that counts the files outside a feature's folders: {@code .ci/scatter}. */
@OneJdk
class ScatterScriptTest {
  private static final Path SCRIPT = Path.of("..", ".ci", "scatter");
  private static final String PACKAGE = "org/tlsuplift/server/";

  @TempDir
  @SuppressWarnings("NullAway.Init")
  static Path directory;

  @BeforeAll
  static void makesATree() throws Exception {
    List.of("bash", "jdeps", "javac").forEach(Peers::require);
    Files.createDirectories(directory.resolve(".ci"));
    Files.copy(SCRIPT, directory.resolve(".ci/scatter"));
    java("fax", "Fax", "public class Fax { public static class Page {} }");
    java("fax/queue", "Queue", "public class Queue {}");
    java(
        "pages", "FaxPages", "class FaxPages { Object fax = new org.tlsuplift.server.fax.Fax(); }");
    java("pages", "Typed", "class Typed { org.tlsuplift.server.fax.Fax.Page a, b; }");
    java("pages", "Texts", "class Texts { String path = \"/fax\"; /* A fax. */ }");
    java("pages", "Other", "class Other { String text = \"facsimile\"; } // faxinate");
    java("pages", "Both", "class Both { String text = \"faxinate the fax\"; }");
    java("pages", "None", "class None {}");
    run(
        "javac",
        "-d",
        "module/target/classes",
        "-sourcepath",
        "module/src/main/java",
        source("pages", "Typed"),
        source("pages", "FaxPages"),
        source("fax/queue", "Queue"));
  }

  private static void features(String more) throws IOException {
    Files.writeString(
        directory.resolve(".ci/features"),
        """
        # What a feature is.
        feature fax
        folder server/fax
        own server/pages/FaxPages
        word [Ff]ax|facsimile
        word /fax
        other server/pages/* faxinate is an invented verb
        %s

        feature none
        folder server/none
        word none
        """
            .formatted(more));
  }

  private static String source(String folder, String type) {
    return "module/src/main/java/" + PACKAGE + folder + "/" + type + ".java";
  }

  private static void java(String folder, String type, String text) throws IOException {
    Path file = directory.resolve(source(folder, type));
    Files.createDirectories(file.resolveSibling(""));
    Files.writeString(
        file, "package " + (PACKAGE + folder).replace('/', '.') + ";\n" + text + "\n");
  }

  private record Ended(int exit, String output) {}

  private static Ended run(String... command) throws Exception {
    return run(directory, command);
  }

  private static Ended run(Path directory, String... command) throws Exception {
    List<String> arguments = new ArrayList<>(Arrays.asList(command));
    Process process =
        new ProcessBuilder(arguments)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new Ended(process.waitFor(), output);
  }

  @Test
  void countsForeignFilesByTypeAndByWord() throws Exception {
    features("most 3");
    assertThat(run(".ci/scatter", "fax"))
        .isEqualTo(
            new Ended(
                0,
                """
                fax: 4 foreign files, at most 3; by type 1, by word 4
                  server/pages/Both: 'fax'
                  server/pages/Other: 'facsimile'
                  server/pages/Texts: '/fax' 'fax'
                  server/pages/Typed: Fax 'Fax' 'fax'
                fax: 1 files of its own in other folders
                  server/pages/FaxPages
                fax: other meanings, not counted
                  server/pages/* faxinate: is an invented verb
                """));
  }

  @Test
  void refusesMoreFilesThanAFeatureDeclares() throws Exception {
    features("most 3");
    assertThat(run(".ci/scatter", "--check"))
        .isEqualTo(
            new Ended(
                1,
                """
                fax: 4 foreign files, at most 3; by type 1, by word 4
                fax: mention it in its own folders only, or through the contract: .ci/scatter fax
                """));
    features("most 4");
    assertThat(run(".ci/scatter", "--check").exit()).isZero();
  }

  @Test
  void refusesDeclarationsThatMatchNothing() throws Exception {
    features("most 4\nfolder server/telex\nown server/pages/Telex\nother * telex another machine");
    Ended ended = run(".ci/scatter", "--check");
    assertThat(ended.exit()).isEqualTo(1);
    assertThat(ended.output())
        .contains(
            "fax: no folder server/telex\n",
            "fax: no file server/pages/Telex\n",
            "fax: no other meaning telex in *\n");
  }

  @Test
  void refusesAnUnknownFeature() throws Exception {
    features("most 4");
    assertThat(run(".ci/scatter", "telex"))
        .isEqualTo(new Ended(2, "no feature telex in .ci/features\n"));
  }

  @Test
  void refusesATreeThatIsNotCompiled(@TempDir Path empty) throws Exception {
    Files.createDirectory(empty.resolve(".ci"));
    Files.copy(SCRIPT, empty.resolve(".ci/scatter"));
    assertThat(run(empty, ".ci/scatter", "fax"))
        .isEqualTo(new Ended(2, "no compiled classes; run mvn -Dquick compile\n"));
  }

  @Test
  void featuresOnTheContractKeepTheirNumber() throws Exception {
    Ended ended = run(Path.of(".."), ".ci/scatter", "--check");
    assertThat(ended.exit()).as(ended.output()).isZero();
  }

  @Test
  void isCleanToShellcheck() throws Exception {
    Ended ended = run(Path.of("."), Peers.require("shellcheck"), SCRIPT.toString());
    assertThat(ended.exit()).as(ended.output()).isZero();
  }
}
