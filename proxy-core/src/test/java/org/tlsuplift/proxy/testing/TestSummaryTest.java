package org.tlsuplift.proxy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestSummaryTest {
  @TempDir Path folder;

  @Test
  void namesMissingPeersWithTheNumberOfTheirTests() throws Exception {
    report(
        "A",
        """
        <testcase name="a"/>
        <testcase name="b"><skipped type="org.opentest4j.TestAbortedException"><![CDATA[%s
        	at org.example.Test]]></skipped></testcase>
        <testcase name="c"><skipped message="nginx is missing: install its Debian package"/></testcase>
        """
            .formatted("org.opentest4j.TestAbortedException: swaks is missing: install it"));
    report(
        "B",
        """
        <testcase name="d"><skipped message="swaks is missing: install its Debian package"/></testcase>
        <testcase name="e"><skipped message="only as another user than root"/></testcase>
        """);
    assertThat(TestSummary.summary(List.of(folder, folder.resolve("absent"))))
        .isEqualTo(
            "5 tests, 4 skipped; missing: nginx (1), swaks (2);"
                + " other reasons: only as another user than root (1)");
  }

  @Test
  void isShortWhereNothingWasSkipped() throws Exception {
    report("A", "<testcase name=\"a\"/>");
    assertThat(TestSummary.summary(List.of(folder))).isEqualTo("1 tests, 0 skipped");
  }

  @Test
  void namesTheOutputOfFailedTests() throws Exception {
    report("A", "<testcase name=\"a\"/>");
    report(
        "org.example.BTest",
        "<testcase name=\"b\"><failure message=\"1\"/></testcase>"
            + "<testcase name=\"c\"><error message=\"2\"/></testcase>");
    report("C", "<testcase name=\"d\"><error message=\"3\"/></testcase>");
    Path output = Files.writeString(folder.resolve("org.example.BTest-output.txt"), "WARN");
    assertThat(TestSummary.failures(List.of(folder, folder.resolve("absent"))))
        .containsExactly(
            "C: 1 failed", "org.example.BTest: 2 failed; what was printed is in " + output);
  }

  /** As the build runs it, which ignores failed tests until then. */
  @Test
  void failsTheBuildAfterTheSummary() throws Exception {
    report(
        "A", "<testcase name=\"a\"><skipped message=\"swaks is missing: install it\"/></testcase>");
    assertThat(run()).isEqualTo("1 tests, 1 skipped; missing: swaks (1)\nexit code 0");
    report("B", "<testcase name=\"b\"><failure message=\"1\"/></testcase>");
    assertThat(run()).isEqualTo("B: 1 failed\n2 tests, 1 skipped; missing: swaks (1)\nexit code 1");
  }

  private String run() throws Exception {
    Process summary = Leftovers.start(TestSummary.class, folder.toString());
    String output = new String(summary.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return output + "exit code " + summary.waitFor();
  }

  private void report(String name, String cases) throws Exception {
    Files.writeString(
        folder.resolve("TEST-" + name + ".xml"), "<testsuite>" + cases + "</testsuite>");
  }
}
