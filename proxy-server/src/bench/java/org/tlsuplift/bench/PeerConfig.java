package org.tlsuplift.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * How the peers are configured: TLS 1.0 and all ciphers here, TLS 1.2 or 1.3 and verified there.
 */
final class PeerConfig {
  private PeerConfig() {}

  /**
   * The configuration of HAProxy.
   *
   * @param more further lines of the section {@code global}
   */
  static String haproxy(
      Contestant.Ports ports, Contestant.Ports origins, int maxSessions, String more) {
    StringBuilder config =
        new StringBuilder(
            """
            global
              nbthread 2
              maxconn %d
              ssl-default-bind-options ssl-min-ver TLSv1.0
              # Level 0: OpenSSL 3 allows no TLS 1.0 above it.
              ssl-default-bind-ciphers ALL:@SECLEVEL=0
              ssl-default-server-options ssl-min-ver TLSv1.2
              ssl-default-server-ciphers ECDHE-ECDSA-AES128-GCM-SHA256
            %sdefaults
              mode tcp
              timeout connect 5s
              timeout client 10m
              timeout server 10m
            """
                .formatted(maxSessions, more));
    for (int i = 0; i < ports.all().size(); i++) {
      config.append(
          """
          listen port%1$d
            bind 127.0.0.1:%1$d ssl crt peer.pem crt peer-ec.pem
            server origin 127.0.0.1:%2$d ssl verify required ca-file root.pem verifyhost localhost sni str(localhost)
          """
              .formatted(ports.all().get(i), origins.all().get(i)));
    }
    return config.toString();
  }

  /**
   * Two chained services for each origin, because one cannot speak TLS on both sides.
   *
   * @param between the plaintext port between the two
   */
  static String stunnel(
      Contestant.Ports ports, Contestant.Ports between, Contestant.Ports origins) {
    List<String> config = new ArrayList<>();
    config.add(
        """
        foreground = yes
        pid =
        syslog = no
        debug = crit
        """);
    for (int i = 0; i < ports.all().size(); i++) {
      config.add(
          """
          [devices%1$d]
          accept = 127.0.0.1:%1$d
          connect = 127.0.0.1:%2$d
          protocol = smtp
          cert = peer.pem
          sslVersionMin = TLSv1
          securityLevel = 0
          ciphers = ALL:@SECLEVEL=0

          [origin%1$d]
          client = yes
          accept = 127.0.0.1:%2$d
          connect = 127.0.0.1:%3$d
          protocol = smtp
          sslVersionMin = TLSv1.2
          ciphers = ECDHE-ECDSA-AES128-GCM-SHA256
          verifyChain = yes
          CAfile = root.pem
          checkHost = localhost
          sni = localhost
          """
              .formatted(ports.all().get(i), between.all().get(i), origins.all().get(i)));
    }
    return String.join("\n", config);
  }
}
