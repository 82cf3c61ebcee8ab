package org.tlsuplift.server.it.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.tlsuplift.server.it.lab.Child;
import org.tlsuplift.server.it.lab.Lab;
import org.tlsuplift.server.it.lab.Loopback;
import org.tlsuplift.server.it.lab.Machine;
import org.tlsuplift.server.it.lab.Peers;
import org.tlsuplift.server.it.lab.Run;

/** A real Squid, which only lets those through who sign in, and nobody to one port. */
public final class Squid {
  public static final String USER = "scanner";

  private static final String HELPER = "/usr/lib/squid/basic_ncsa_auth";

  private final InetSocketAddress address;
  private final Path config;
  private final Path log;
  private final Child child;

  private Squid(InetSocketAddress address, Path config, Child child) {
    this.address = address;
    this.config = config;
    this.log = config.resolveSibling("access.log");
    this.child = child;
  }

  /**
   * Starts one, which ends with the lab.
   *
   * @param password of its user
   * @param forbidden the port to which it connects nobody
   * @param name what it alone resolves, to 127.0.0.1
   */
  public static Squid start(Lab lab, String password, int forbidden, String name) {
    Peers.requireOtherUsers("Squid");
    String squid = Peers.require("squid");
    Path folder = lab.directory("squid");
    InetSocketAddress address = new InetSocketAddress(Loopback.V4, Loopback.freePort(Loopback.V4));
    Lab.write(folder.resolve("hosts"), "127.0.0.1 localhost " + name + "\n");
    Lab.write(folder.resolve("users"), USER + ":" + hashed(password) + "\n");
    Path config = Lab.write(folder.resolve("squid.conf"), config(folder, address, forbidden));
    give(folder);
    Child child =
        lab.add(
            Child.start(
                new ProcessBuilder(List.of(squid, "-N", "-f", config.toString()))
                    .directory(folder.toFile())));
    child.awaitListening(List.of(address));
    return new Squid(address, config, child);
  }

  /**
   * Starts one with the configuration of Debian's package; only the port and the places of files
   * are its own. It ends with the lab.
   *
   * @param added a further file of {@code conf.d}
   */
  public static Squid asPackaged(
      Lab lab, Machine machine, InetSocketAddress address, String added) {
    Peers.requireRoot("Squid");
    String squid = Peers.require("squid");
    Path folder = lab.directory("squid");
    Lab.write(folder.resolve("tls-uplift.conf"), added);
    Path config = Lab.write(folder.resolve("squid.conf"), packaged(folder, address));
    give(folder);
    List<String> command = machine.command(List.of(squid, "-N", "-f", config.toString()));
    Child child = lab.add(Child.start(new ProcessBuilder(command).directory(folder.toFile())));
    child.awaitListening(machine, List.of(address));
    return new Squid(address, config, child);
  }

  private static String packaged(Path folder, InetSocketAddress address) {
    String shipped = read(Path.of("/etc/squid/squid.conf"));
    String port = "\nhttp_port 3128\n";
    String others = "\ninclude /etc/squid/conf.d/*.conf\n";
    assertThat(shipped).contains(port, others);
    return shipped
            .replace(port, "\nhttp_port " + Loopback.text(address) + "\n")
            .replace(others, others + "include " + folder.resolve("tls-uplift.conf") + "\n")
        + """
        pid_filename none
        cache_log %1$s/cache.log
        access_log stdio:%1$s/access.log
        pinger_enable off
        visible_hostname squid.example.test
        shutdown_lifetime 0 seconds
        """
            .formatted(folder);
  }

  public InetSocketAddress address() {
    return address;
  }

  /** The URL for {@code via}, without a user. */
  public String url() {
    return "http://" + Loopback.text(address);
  }

  public String url(Path passwordFile) {
    return "http://" + USER + ":" + passwordFile + "@" + Loopback.text(address);
  }

  /** From now on it connects to all ports. */
  public void forbidNothing() throws IOException {
    Lab.write(config, Files.readString(config).replace("http_access deny forbidden\n", ""));
    child.signal("HUP");
  }

  /** Waits until its log has a line that matches this. */
  public void awaitLog(String pattern) {
    await(pattern + " in " + log).until(() -> Pattern.compile(pattern).matcher(log()).find());
  }

  public String log() {
    return Files.exists(log) ? read(log) : "";
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  /** Stops it in the middle of all: the kernel takes connections, and nobody answers. */
  public void freeze() {
    child.signal("STOP");
  }

  /** Lets it go on, so that it can be ended. */
  public void thaw() {
    child.signal("CONT");
  }

  private static String hashed(String password) {
    return Run.of(List.of(Peers.require("openssl"), "passwd", "-apr1", password))
        .succeeded()
        .output()
        .strip();
  }

  private static String config(Path folder, InetSocketAddress address, int forbidden) {
    return """
        http_port %1$s
        pid_filename none
        cache_log %2$s/cache.log
        access_log stdio:%2$s/access.log
        cache_mem 0
        cache deny all
        pinger_enable off
        coredump_dir none
        hosts_file %2$s/hosts
        dns_nameservers 127.0.0.1
        visible_hostname squid.example.test
        shutdown_lifetime 0 seconds
        auth_param basic program %3$s %2$s/users
        auth_param basic children 1
        acl known proxy_auth REQUIRED
        acl forbidden port %4$d
        http_access deny forbidden
        http_access allow known
        http_access deny all
        """
        .formatted(Loopback.text(address), folder, HELPER, forbidden);
  }

  /** Started as root, it serves as the user of Debian's package. */
  private static void give(Path folder) {
    if ("root".equals(System.getProperty("user.name"))) {
      try {
        var users = folder.getFileSystem().getUserPrincipalLookupService();
        Files.setOwner(folder, users.lookupPrincipalByName("proxy"));
      } catch (IOException broken) {
        throw new UncheckedIOException(broken);
      }
    }
  }
}
