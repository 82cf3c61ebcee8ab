package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Run;

/** A Java runtime that does not do what a listener needs is refused, in the operator's words. */
class HardenedRuntimeIT {
  @RegisterExtension static final Lab lab = new Lab();

  private static final int RUNTIME = 1;
  private static final int CONFIGURATION = 2;

  private static Run run(String command, String option) {
    Path config =
        lab.file(
            "hardened.yaml",
            """
            dataDirectory: "%s"
            listeners:
              - {name: web, bind: "127.0.0.1:0", accept: http-connect, profile: legacy}
              - {name: alarms, bind: "127.0.0.1:0", accept: http-connect, profile: antique,
                 devices: [127.0.0.0/8], until: 2100-01-01}
            """
                .formatted(lab.directory("data").resolve("made")));
    List<String> line = Daemon.jar(command, "--config", config.toString());
    line.add(1, option);
    return Run.of(line);
  }

  @ParameterizedTest
  @ValueSource(strings = {"check", "run"})
  void namesTheListenerAndTheDisabledAlgorithms(String command) {
    Path hardened =
        lab.file(
            "hardened.security",
            "jdk.tls.disabledAlgorithms=SSLv3, TLSv1, TLSv1.1, RC4_128, DES, anon, NULL\n");

    Run run = run(command, "-Djava.security.properties=" + hardened);

    assertThat(run.exit()).isEqualTo(CONFIGURATION);
    assertThat(run.output())
        .contains(
            "1 problem",
            "listeners[1].profile: 'antique' of the listener alarms needs versions or suites that")
        .contains("Java " + Runtime.version() + " in " + System.getProperty("java.home"))
        .contains("TLS_RSA_WITH_RC4_128_SHA (JDK, TLSv1.2, TLSv1.1, TLSv1)")
        .contains("TLS_RSA_WITH_RC4_128_SHA (JDK, SSLv3)")
        .contains(
            "its security property jdk.tls.disabledAlgorithms contains 'RC4_128': remove that")
        .doesNotContain("\tat ", "is good");
  }

  @Test
  void checkReportsThatBoringSslCannotBeLoaded() {
    Run run = run("check", "-Dio.netty.native.workdir=/proc");
    assertThat(run.exit()).isEqualTo(RUNTIME);
    assertThat(run.output())
        .contains("BoringSSL (netty-tcnative) cannot be loaded", "io.netty.native.workdir")
        .doesNotContain("please report");
  }
}
