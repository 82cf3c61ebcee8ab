package org.tlsuplift.server.it.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.tlsuplift.server.it.lab.Daemon;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;

/** In a chroot, the JDK does not find the mount that holds {@code /}. */
class ChrootIT {
  @RegisterExtension static final Lab lab = new Lab();

  /** The mounts end with the process, because they are in its own namespace. */
  private static final String SCRIPT =
      """
      set -e
      root=$1 jar=$2 java=$3
      mkdir -p "$root/usr" "$root/etc" "$root/proc" "$root/dev" "$root/tmp" "$root/jar"
      for each in usr etc proc dev; do mount --rbind "/$each" "$root/$each"; done
      mount --bind "${jar%/*}" "$root/jar"
      for each in bin lib lib64; do [ ! -e "/$each" ] || ln -s "usr/$each" "$root/$each"; done
      exec chroot "$root" "$java" -jar "/jar/${jar##*/}" demo
      """;

  @Test
  void makesItsFilesAndServesDevices() {
    Peers.requireMounts();
    Run demo =
        Run.of(
                List.of(
                    Peers.require("unshare"),
                    "--mount",
                    "sh",
                    "-c",
                    SCRIPT,
                    "sh",
                    lab.directory("root").toString(),
                    Daemon.jar().toString(),
                    Path.of(System.getProperty("java.home"), "bin", "java").toString()))
            .succeeded();
    assertThat(demo.output()).contains("legacy");
  }
}
