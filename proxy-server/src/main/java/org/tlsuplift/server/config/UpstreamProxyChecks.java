package org.tlsuplift.server.config;

import org.tlsuplift.server.config.secret.PasswordFile;
import java.nio.file.Path;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;
import org.tlsuplift.proxy.keyfile.KeyFileException;
import org.tlsuplift.proxy.route.UpstreamProxy;
import org.tlsuplift.server.config.secret.ReadableSecrets;
import org.tlsuplift.server.config.yaml.Problems;

/** Checks that an upstream proxy is not this daemon, and checks its password file. */
final class UpstreamProxyChecks {
  private final ServerConfig config;
  private final Problems problems;

  /** Whether a file is readable; reports an error at the key if not. */
  private final BiPredicate<String, Path> readable;

  private UpstreamProxyChecks(
      ServerConfig config, Problems problems, BiPredicate<String, Path> readable) {
    this.config = config;
    this.problems = problems;
    this.readable = readable;
  }

  static void check(ServerConfig config, Problems problems, BiPredicate<String, Path> readable) {
    UpstreamProxyChecks checks = new UpstreamProxyChecks(config, problems, readable);
    checks.check("upstream.via", config.upstream().egress().proxy());
    for (int i = 0; i < config.routes().size(); i++) {
      checks.check("routes[" + i + "].via", config.routes().get(i).egress().via());
    }
  }

  private void check(String at, @Nullable UpstreamProxySetting via) {
    if (!(via instanceof UpstreamProxySetting.Proxy proxy) || !problems.clean(at)) {
      return;
    }
    for (int i = 0; i < config.listeners().size(); i++) {
      if (config.listeners().get(i).bind().stream().anyMatch(bind -> bind.isAt(proxy.address()))) {
        problems.error(
            at,
            Problems.got(proxy.address()),
            "another proxy",
            "listeners["
                + i
                + "] is at this address, so connections would loop; set the address of your proxy");
      }
    }
    if (proxy.passwordFile() != null && readable.test(at, proxy.passwordFile())) {
      password(at, proxy.protocol(), proxy.passwordFile());
    }
  }

  private void password(String at, UpstreamProxy.Protocol protocol, Path file) {
    try {
      PasswordFile.via(protocol, file);
      ReadableSecrets.warn(at, file, "anyone with this file can use the proxy as you", problems);
    } catch (KeyFileException unusable) {
      problems.error(at, String.valueOf(unusable.getMessage()), "", "");
    }
  }
}
