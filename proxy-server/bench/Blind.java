package org.tlsuplift.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.tlsuplift.proxy.Proxy;
import org.tlsuplift.proxy.ProxySpec;
import org.tlsuplift.proxy.ca.LocalCertificateAuthority;
import org.tlsuplift.proxy.listener.CertificateSources;
import org.tlsuplift.proxy.session.SessionObserver;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.daemon.Blueprint;
import org.tlsuplift.server.daemon.CaSource;
import org.tlsuplift.server.daemon.ConfigMapper;
import org.tlsuplift.server.daemon.TlsRuntime;

/** The proxy alone, by a configuration of the daemon: nothing observes it, nothing is served. */
final class Blind {
  private Blind() {}

  /** Starts it; it runs as long as the process. */
  static void start(Path config) throws Exception {
    LoadedConfig loaded = ConfigLoader.load(config);
    TlsRuntime.prepare(loaded);
    Blueprint blueprint = ConfigMapper.map(loaded);
    CaSource source = CaSource.common(loaded.config());
    ExecutorService minting = Executors.newFixedThreadPool(2);
    LocalCertificateAuthority authority =
        new LocalCertificateAuthority(
            source.open(progress -> {}), source.leafSettings(), minting, () -> {});
    Proxy.start(
        new ProxySpec(
            blueprint.transport(),
            Runtime.getRuntime().availableProcessors(),
            blueprint.listeners(),
            blueprint.admission(),
            blueprint.limits(),
            blueprint.routes(),
            blueprint.upstream(),
            blueprint.trust(),
            blueprint.maximumUpstream(),
            List.of(),
            CertificateSources.of(authority),
            (id, listener, device) -> new SessionObserver() {}));
  }
}
