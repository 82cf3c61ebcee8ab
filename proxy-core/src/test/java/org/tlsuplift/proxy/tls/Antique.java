package org.tlsuplift.proxy.tls;

import java.security.Security;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.tlsuplift.proxy.model.TlsVersion;
import org.tlsuplift.proxy.upstream.UpstreamSelfTest;

/**
 * A separate program that a test runs in another JVM with the JDK's default settings. It relaxes
 * them unless an argument prevents it, then prints the changes.
 */
public final class Antique {
  private Antique() {}

  public static void main(String[] args) throws Exception {
    if (List.of(args).contains("late")) {
      var unused = engine();
    }
    RelaxedRuntime.prepare();
    if (List.of(args).contains("unrelaxed")) {
      System.out.println("missing " + ProfileProbe.missing(jdkOfLegacy()));
      System.out.println("disabled " + Security.getProperty("jdk.tls.disabledAlgorithms"));
      return;
    }
    RelaxedRuntime.relax();
    List<String> missing = new ArrayList<>();
    missing.addAll(ProfileProbe.missing(LegacyTls.ANTIQUE));
    missing.addAll(ProfileProbe.missing(LegacyTls.ANTIQUE_ECDSA));
    System.out.println("missing " + missing);
    System.out.println("disabled " + RelaxedRuntime.disabling(missing));
    if (missing.isEmpty()) {
      RelaxedRuntime.proveDefaultsStrict();
    }
    UpstreamSelfTest.run(TlsVersion.TLS_1_3);
    UpstreamSelfTest.run(TlsVersion.TLS_1_2);
    System.out.println("upstream strict");
    for (boolean client : List.of(true, false)) {
      SSLEngine engine = engine();
      engine.setUseClientMode(client);
      System.out.println("default " + Arrays.toString(engine.getEnabledProtocols()));
      System.out.println("default " + Arrays.toString(engine.getEnabledCipherSuites()));
    }
    System.out.println("supported " + Arrays.toString(engine().getSupportedCipherSuites()));
    System.out.println("certpath " + Security.getProperty("jdk.certpath.disabledAlgorithms"));
  }

  /** One version for each policy, so that every version is tested. */
  private static TlsProfile jdkOfLegacy() {
    TlsPolicy policy = LegacyTls.JDK_DEFAULTS;
    return new TlsProfile(
        "legacy",
        policy.versions().stream()
            .map(version -> new TlsPolicy(policy.engine(), List.of(version), policy.cipherSuites()))
            .toList());
  }

  private static SSLEngine engine() throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, null, null);
    return context.createSSLEngine();
  }
}
