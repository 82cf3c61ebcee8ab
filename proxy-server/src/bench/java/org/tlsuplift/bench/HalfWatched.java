package org.tlsuplift.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.tlsuplift.proxy.Proxy;
import org.tlsuplift.proxy.ProxySpec;
import org.tlsuplift.proxy.ca.LocalCertificateAuthority;
import org.tlsuplift.proxy.context.CertificateSources;
import org.tlsuplift.proxy.context.EcRefusals;
import org.tlsuplift.proxy.context.ListenerSpec;
import org.tlsuplift.proxy.model.ProxyObserver;
import org.tlsuplift.proxy.model.SessionObserver;
import org.tlsuplift.proxy.tls.rsa.DeviceRsa;
import org.tlsuplift.server.authority.CaSource;
import org.tlsuplift.server.config.ConfigLoader;
import org.tlsuplift.server.config.LoadedConfig;
import org.tlsuplift.server.mapping.ConfigMapper;
import org.tlsuplift.server.mapping.ResolvedConfig;
import org.tlsuplift.server.mapping.TlsRuntime;

/**
 * The proxy, by a configuration of the daemon, with some listeners watched as the daemon watches
 * them and the others not at all. They share event loops, buffers and each piece of compiled code,
 * so that nothing but the watching differs.
 */
final class HalfWatched {
  /** How the names of listeners begin that are not watched. */
  static final String BLIND = "blind";

  /** As many as elsewhere in the bench, also when all have to share one processor. */
  private static final int EVENT_LOOPS = 2;

  private static final ProxyObserver NO_OBSERVER =
      (id, listener, device) -> new SessionObserver() {};

  private HalfWatched() {}

  /**
   * Takes the path of the configuration, and whether any are watched. Runs until the process is
   * ended.
   */
  public static void main(String[] arguments) throws Exception {
    LoadedConfig loaded = ConfigLoader.load(Path.of(arguments[0]));
    TlsRuntime.prepare(loaded.config());
    TlsRuntime.prove(loaded);
    ResolvedConfig resolved = ConfigMapper.map(loaded);
    Proxy.start(
        spec(
            loaded,
            resolved,
            Boolean.parseBoolean(arguments[1]) ? watching(resolved) : NO_OBSERVER));
    new CountDownLatch(1).await();
  }

  /** The proxy of a configuration. */
  static ProxySpec spec(LoadedConfig loaded, ResolvedConfig resolved, ProxyObserver observer)
      throws Exception {
    CaSource source = CaSource.common(loaded.config());
    ExecutorService minting = Executors.newFixedThreadPool(2);
    LocalCertificateAuthority authority =
        new LocalCertificateAuthority(
            source.open(progress -> {}), source.leafSettings(), minting, () -> {});
    return new ProxySpec(
        resolved.transport(),
        EVENT_LOOPS,
        resolved.listeners(),
        resolved.admission(),
        resolved.limits(),
        resolved.routes(),
        resolved.upstream(),
        resolved.trust(),
        resolved.maximumUpstream(),
        List.of(),
        null,
        DeviceRsa.boringSsl(),
        CertificateSources.of(authority),
        new EcRefusals(),
        observer);
  }

  /** Whatever watches sessions in the daemon, for all listeners but those of the blind half. */
  static ProxyObserver watching(ResolvedConfig resolved) throws Exception {
    Watching watching =
        Watching.start(
            Path.of("watching"), resolved.listeners().stream().map(ListenerSpec::name).toList());
    Runtime.getRuntime().addShutdownHook(new Thread(watching::close));
    ProxyObserver all = watching.observer();
    return (id, listener, device) ->
        (listener.startsWith(BLIND) ? NO_OBSERVER : all).sessionOpened(id, listener, device);
  }
}
