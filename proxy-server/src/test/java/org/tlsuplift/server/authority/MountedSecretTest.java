package org.tlsuplift.server.authority;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tlsuplift.proxy.ca.IssuingCa;
import org.tlsuplift.proxy.outcome.OperatorException;
import org.tlsuplift.proxy.testing.CaFixtures;
import org.tlsuplift.proxy.testing.Leftovers;
import org.tlsuplift.proxy.testing.Peer;
import org.tlsuplift.proxy.testing.Program;
import org.tlsuplift.proxy.tls.chain.Fingerprint;

/**
 * A CA in a volume that Kubernetes makes from a Secret: a read-only mount that all users can list,
 * with files of root that are links to others.
 */
final class MountedSecretTest {
  private static final String SPACE = Leftovers.directory("uplift-probe").toString();

  @TempDir Path temp;
  private IssuingCa ca;

  @BeforeEach
  void create() throws Exception {
    Peer.require("mount", "mount");
    Peer.requireUse(
        "the right to mount",
        "run the tests outside a container",
        Peer.require("unshare", "util-linux").toString(),
        "--map-root-user",
        "--mount",
        "sh",
        "-ec",
        "mount -t tmpfs none \"$0\" && mount -o remount,ro none \"$0\"",
        SPACE);
    ca = new CaStore(temp.resolve("made")).open(CaFixtures.quick(CaFixtures.NAMES), line -> {});
    Files.createDirectory(temp.resolve("ca"));
  }

  @Test
  void acceptsAKeyThatItsGroupCanRead() throws Exception {
    assertThat(opened("0440", "ro")).contains(Fingerprint.sha256(ca.certificate()));
  }

  @Test
  void refusesAKeyThatEveryoneCanRead() throws Exception {
    assertThat(opened("0444", "ro"))
        .contains("ca.key.pem is accessible to others (mode r--r--r--)")
        .contains("mount it with mode 0440", "defaultMode, fsGroup");
  }

  @Test
  void removesGroupAccessIfTheMountIsWritable() throws Exception {
    assertThat(opened("0660", "rw"))
        .contains(Fingerprint.sha256(ca.certificate()))
        .contains("600 ca.key.pem", "700 .");
  }

  /** The output of another process with this mount. */
  private String opened(String keyMode, String access) throws Exception {
    String directoryMode = access.equals("ro") ? "1777" : "2770";
    String script =
        """
        set -e
        mount -t tmpfs none ca
        mkdir ca/..data
        cp made/ca.key.pem made/ca.crt.pem ca/..data
        chmod %1$s ca/..data/ca.key.pem
        chmod %2$s ca
        ln -s ..data/ca.key.pem ..data/ca.crt.pem ca/
        mount -o remount,%3$s none ca
        "$@" || true
        cd ca
        stat -L -c '%%a %%n' . ca.key.pem
        """
            .formatted(keyMode, directoryMode, access);
    return Program.must(
        temp,
        List.of(
            "unshare",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            script,
            "sh",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Loader.class.getName(),
            "ca"));
  }

  /** Loads the CA of a directory, and prints its fingerprint or the error. */
  static final class Loader {
    private Loader() {}

    public static void main(String[] arguments) {
      try {
        System.out.println(
            Fingerprint.sha256(new CaStore(Path.of(arguments[0])).load().certificate()));
      } catch (OperatorException refused) {
        System.out.println(refused.getMessage());
      }
    }
  }
}
